"""The words around a name that say whether it is the place of the matter: cues, places of work, and traps.

All are single lower-case words as `tokens` gives them.
"""

from classifier.gazetteer import Level

_SPLIT = {code: " " for code in range(128) if not chr(code).isalnum()} | {
    ord(mark): " " for mark in "\u00a0\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026"
}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def tokens(text: str) -> list[str]:
    """Return the words of a text in lower case; every mark splits."""
    return text.lower().translate(_SPLIT).split()


# What kind of place the next name is.
CITY = _words("kota kodya kotamadya kotamadia walikota wali pemkot polrestabes polresta wawali wakot kt")
REGENCY = _words("kab kabupaten kabupten kapupaten kbupaten bupati pemkab wabup pemda")
PROVINCE = _words("provinsi propinsi prov prop pemprov gubernur wagub polda kapolda")
DISTRICT = _words("kec kecamatan kecamtan kecamatam camat kacamatan distrik dist kapanewon kemantren")
VILLAGE = _words("desa ds kelurahan kel kelurahaan lurah kades keuchik gampong nagari kalurahan pekon perbekel")
# Words that often, but not always, name a kecamatan or desa: believed only beside a place that it lies in.
MAYBE_DISTRICT = _words("polsek koramil puskesmas kua pasar uptd")
MAYBE_VILLAGE = _words("kampung kp dusun kampong")

KIND = {
    **dict.fromkeys(VILLAGE | MAYBE_VILLAGE, "village"),
    **dict.fromkeys(DISTRICT, "district"),
    **dict.fromkeys(PROVINCE, "province"),
    **dict.fromkeys(REGENCY, "regency"),
    **dict.fromkeys(CITY, "city"),
}
"""What kind of place a word announces; a regency is a kabupaten, no kota."""

KELURAHAN_OR_DESA = dict.fromkeys(("kel", "kelurahan", "lurah"), "kelurahan") | dict.fromkeys(
    ("desa", "ds", "kades"), "desa"
)

LOWER_LEVEL: dict[str, tuple[Level, bool]] = {
    **dict.fromkeys(DISTRICT, ("district", True)),
    **dict.fromkeys(VILLAGE, ("village", True)),
    **dict.fromkeys(MAYBE_DISTRICT, ("district", False)),
    **dict.fromkeys(MAYBE_VILLAGE, ("village", False)),
}

# The office that is addressed, up to four words before the name.
OFFICE = _words(
    "dinas dinkes dishub dinsos disdik disdikbud disdikpora disdukcapil dukcapil dispendukcapil disnaker "
    "disnakertrans alun balaikota dlh dlhk dpupr pupr bpbd bkd bkpsdm bkn bapenda bpn badan kantor kejari "
    "kejaksaan pengadilan polres polresta kapolres rsud rs satlantas samsat satpol sudin diskominfo diskominfotik "
    "kominfo disperindag disdag dprd dpmd dpmptsp inspektorat pdam perumda imigrasi kemenag kpu bawaslu baznas "
    "pemerintah lapas rutan atr pemkot pemkab pemprov sekda sekretariat"
)
# The place where something happens or somebody lives.
LOCATION = _words(
    "di ke kota daerah wilayah area kawasan sekitar seputar warga masyarakat penduduk domisili berdomisili "
    "tinggal didaerah sekota kabupaten se alun2 alun balaikota pusat tengah pinggir pinggiran dekat ring nang "
    "neng ing ning kampus"
)
HERE = _words("warga masyarakat penduduk domisili berdomisili tinggal menetap bertugas kapan")  # the writer's own place
# Where somebody or something comes from, or what another place does better.
ORIGIN = _words("dari asal berasal asalnya")
BORN = _words("asli orang kelahiran lahir ktp plat mudik merantau seperti dibanding dibandingkan ketimbang beda dengan")
COMPARISON = _words("saja aja sudah udah layanan")  # "di Makassar saja bisa"
NOT = _words("bukan bukannya")  # "bukan yang di Jawa Tengah"
NOT_ONLY = _words("hanya cuma sekadar sekedar saja")
ROUTE = _words(
    "bus bis kereta ka tol rute trayek jurusan travel pesawat penerbangan kapal feri ferry kmp damri krl tiket "
    "lintas arah whoosh shuttle relasi koridor"
)
JOIN = _words("ke sampai menuju sd tujuan hingga")

# The name after one of these is a street, a person, a dish, a product or a body that is only called so.
STREET = _words("jl jln jalan jalanan gg gang lorong jend jendral simpang perempatan jembatan")
STREET_PART = _words("raya pulau lintas tol poros tembus baru letjen p")
PERSON = _words(
    "pak bapak bpk bu ibu sdr sdri saudara saudari mas mbak mba kak kakak bang abang haji hj drs ir dr ustad "
    "ustadz kyai nyonya nama bernama panggilan alias an oknum mbah om tante kang teh pangeran sultan raja"
)
PRODUCT = _words(
    "nasi soto martabak bakso baso sate satay rendang masakan makanan makan makanannya warung rm restoran gudeg "
    "pempek mie mi es kue rujak tahu dodol bika bolu keripik kripik sambal kopi batik tenun songket sarung lumpia "
    "wingko lapis asinan getuk apel jeruk salak bawang telur asin ayam bebek lontong ketupat empal gepuk tempe "
    "kerupuk brem terasi jenang ikan sarden pisang mangga durian duren tape tapai sirup bakpia lele pecel rawon "
    "seblak cilok siomay batagor pia gula beras teh bumbu kain oleh ukiran mebel meubel kuda sapi kambing kerbau "
    "kucing anjing harimau burung madu minyak tembakau rokok lada ulos songkok peci jaket sepatu ala khas bubur "
    "coto konro sop sup gulai tongseng kepiting udang garam nanas susu kacang kelapa cengkeh pala jamu "
    "pallubasa bandeng otak mutiara lawar babi semen"
)
BODY = _words(
    "bank universitas univ institut hotel pt cv ud toko apotek radar harian koran klub fc persatuan "
    "persib persija persebaya arema psim psm psis persik semen band grup majalah bpd perum perumahan komplek "
    "kompleks cluster apartemen griya graha villa gedung wisma masjid gereja yayasan po kedai kafe "
    "cafe tv studio perjanjian piagam deklarasi selat gelora poltek politeknik stie uin iain stain poltekkes"
)
TRAPS = PRODUCT | BODY
# Between a product and its name, "batik tulis Solo"; before a product that is made there, "pabrik gula Sidoarjo".
PRODUCT_KIND = _words("tulis cap kulit asli goreng bakar asin manis pedas arabika robusta kering khas")
WORKPLACE = _words("pabrik pasar peternakan gudang kandang rph pelelangan industri sentra")
# Parts of a name that may follow one: "Kuningan Timur" is not in Kuningan.
DIRECTION = _words(
    "timur barat utara selatan tengah kota kulon wetan lor kidul kaler hilir hulu ilir ulu baru lama dalam"
)
# The word after the name that makes it something else.
AFTER = {
    "padang": _words("rumput pasir bulan golf ilalang lamun savana"),
    "medan": _words("merdeka perang magnet laga satria tempur"),
    "sabang": _words("sampai hingga"),
    "ambon": _words("manise"),
    "bali": _words("nusra united"),
    "jakarta": _words("international"),
    "maluku": _words("united"),
    "surabaya": _words("post"),
    "metro": _words("jaya tv"),
    "malang": _words("nasib sekali benar melintang"),
}
# A kecamatan or desa with such a name needs its parent beside it, even after a cue.
EVERYDAY = _words(
    "baru lama jalan pasar kota sumber makmur besar kecil timur barat utara selatan tengah jaya maju indah sari "
    "mulya raya tua sudah saya kami kita ini itu yang dan dengan di ke dari untuk tidak ada akan sampah air "
    "bersih bebas sehat damai aman sejahtera rukun mekar harapan bangun karya setia sentosa sawah kebun hutan "
    "laut gunung pantai sungai kali pulau panjang pendek tinggi rendah dalam luar atas bawah satu dua tiga empat "
    "lima enam tujuh delapan sembilan sepuluh rumah sekolah masjid kantor terminal stasiun pelabuhan tanah batu "
    "kayu pasir lumpur lapangan taman hilir hulu ulu ilir induk tetangga sebelah sekitar setempat terpencil "
    "wisata adat asal lain lainnya tertinggal mandiri siaga pertama berkembang kepala ketua sekretaris tersebut "
    "kabupaten kecamatan kelurahan desa rt rw jawa bali melayu bugis arab cina kolam parit padang kubu marga "
    "genteng jambangan benteng tegal pandan melati mawar senen gang bandara penduduk warga masyarakat untung "
    "murah mahal terus bisa mana siapa apa hasil tani nelayan petani perangkat"
)
