"""Stores: what template.yaml says of one, and what the code keeps there, agree."""

import re

import pytest
from golden_path.document import Document

from tests.conftest import Render
from tests.languages import Language, languages


@pytest.mark.parametrize("language", languages(), ids=str)
def test_a_table_forgets_by_what_the_code_writes(language: Language, render: Render) -> None:
    service = render(runtime=language.runtime)
    table = Document.read(service / "template.yaml").data["Resources"]["Table"]["Properties"]
    attribute = table["TimeToLiveSpecification"]["AttributeName"]
    (code,) = (service / "src/service/adapters").glob("store.*")
    assert re.search(rf'\b{attribute}"?: ', code.read_text()), "nothing is ever forgotten"
