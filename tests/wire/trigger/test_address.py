"""Where Trigger.dev is, and what the environment says about it."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from rx_realtime.errors import OptionError
from rx_realtime.wire.trigger import Account


def test_the_environment_says_where_and_with_which_key():
    account = Account.of(
        {
            "TRIGGER_SECRET_KEY": "tr_dev_x",
            "TRIGGER_ACCESS_TOKEN": "other",
            "TRIGGER_API_URL": "http://localhost:3030/",
            "TRIGGER_PREVIEW_BRANCH": "feature",
        }
    )
    assert account.api_url == "http://localhost:3030"
    assert account.key == SecretStr("tr_dev_x")
    assert account.headers()["x-trigger-branch"] == "feature"


def test_without_an_environment_it_is_the_cloud_and_a_token_does_where_there_is_no_key():
    assert Account.of({}) == Account("https://api.trigger.dev")
    assert Account.of({"TRIGGER_ACCESS_TOKEN": "t"}).key == SecretStr("t")
    assert Account.of({"TRIGGER_API_URL": "http://a"}, "http://b").api_url == "http://b"


@pytest.mark.parametrize("url", ["", "x", "ftp://h", "http://", "http://u:p@h", "http://h:x"])
def test_what_is_no_base_url_is_refused(url: str):
    with pytest.raises(OptionError, match="base URL"):
        Account.of({"TRIGGER_API_URL": url or "x"})
