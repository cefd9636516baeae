import pytest

from classifier.agencies import AgencyTable
from classifier.errors import InputError
from data.gazetteer import read_places
from data.store.keys import Scope
from data.tables import read_agencies
from service.scope import Scopes


@pytest.fixture(scope="module")
def table() -> AgencyTable:
    return read_agencies(read_places())


SEEN = {
    "": ["dinas-sosial@3578", "kementerian-sosial", "Dinas Kami", ""],
    "dinas-kesehatan@3578": ["dinas-kesehatan@3578", "puskesmas@357808"],
    "dinas-kesehatan": ["dinas-kesehatan", "dinas-kesehatan@3273", "puskesmas@357808"],
    "pemerintah-daerah@3578": ["pemerintah-daerah@3578", "dinas-sosial@3578", "kelurahan@3578081001", "desa@3578"],
    "kementerian-keuangan": ["kementerian-keuangan", "djp"],
    "Dinas Kami": ["Dinas Kami"],
}
HIDDEN = {
    "dinas-kesehatan@3578": ["dinas-kesehatan@3273", "dinas-kesehatan", "dinas-sosial@3578", ""],
    "dinas-kesehatan": ["dinas-sosial@3273", "kementerian-kesehatan"],
    "pemerintah-daerah@3578": ["dinas-sosial@3273", "kementerian-sosial", "polri"],
    "kementerian-keuangan": ["kementerian-sosial"],
    "Dinas Kami": ["Dinas Kami Juga", ""],
}


@pytest.mark.parametrize("agency", SEEN)
def test_an_agency_takes_in_itself_and_what_stands_below_it(table: AgencyTable, agency: str) -> None:
    reach = Scopes(table).reach(Scope(agency))
    known = {row.id for row in table.rows}
    seen = [code for code in SEEN[agency] if code != "djp" or code in known]
    assert [code for code in seen if not reach.holds(code, "", confidential=False)] == []
    assert [code for code in HIDDEN.get(agency, ()) if reach.holds(code, "", confidential=False)] == []


def test_place_and_confidentiality_limit_further(table: AgencyTable) -> None:
    reach = Scopes(table).reach(Scope("dinas-kesehatan", "35"))
    assert reach.holds("dinas-kesehatan@3578", "", confidential=False)
    assert reach.holds("dinas-kesehatan", "3578", confidential=False)
    assert not reach.holds("dinas-kesehatan@3273", "3273", confidential=False)
    assert not reach.holds("dinas-kesehatan@3578", "", confidential=True)


def test_a_scope_is_checked_and_its_place_written_plainly(table: AgencyTable) -> None:
    checked = Scopes(table).checked(Scope("Dinas Kami Sendiri", "35.78.08"))
    assert checked == Scope("Dinas Kami Sendiri", "357808")
    for wrong in (Scope("dinas-tiada"), Scope("dinas-sosial@1"), Scope(place="999")):
        with pytest.raises(InputError):
            Scopes(table).checked(wrong)
