"""Where Trigger.dev's servers are, and which keys open them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Self
from urllib.parse import quote, urlsplit

from msgspec import Struct
from pydantic import SecretStr

from ...errors import OptionError

__all__ = ["API_VERSION", "CLOUD_API", "ELECTRIC_VERSION", "Account", "segment"]

CLOUD_API: Final = "https://api.trigger.dev"
#: Without these the server answers as it did years ago, with other names and other statuses.
API_VERSION: Final = "2025-07-16"
ELECTRIC_VERSION: Final = "1.0.0-beta.1"
#: The version of the vendor's SDK whose dialect we speak.
SDK_VERSION: Final = "4.8.3"


class Account(Struct, frozen=True):
    """Which server, and the key to it. All that the environment has to say.

    Attributes:
        api_url: without a slash at its end.
        key: a secret key, or a token that may do what it is used for.
        branch: the preview branch, sent as `x-trigger-branch`.
    """

    api_url: str
    key: SecretStr | None = None
    branch: str | None = None

    @classmethod
    def of(cls, environ: Mapping[str, str], api_base_url: str | None = None) -> Self:
        """Read the `TRIGGER_*` variables; `api_base_url` wins over them.

        Raises:
            OptionError: if the base URL is none.
        """
        key = environ.get("TRIGGER_SECRET_KEY") or environ.get("TRIGGER_ACCESS_TOKEN")
        return cls(
            api_url=_checked(api_base_url or environ.get("TRIGGER_API_URL") or CLOUD_API),
            key=SecretStr(key) if key else None,
            branch=environ.get("TRIGGER_PREVIEW_BRANCH") or None,
        )

    def url(self, path: str) -> str:
        """Return the URL of a path."""
        return self.api_url + path

    def headers(self) -> dict[str, str]:
        """Return the headers that every request carries."""
        headers = {"trigger-version": SDK_VERSION, "x-trigger-api-version": API_VERSION}
        return headers if self.branch is None else {**headers, "x-trigger-branch": self.branch}

    def feed_headers(self) -> dict[str, str]:
        """Return the headers that questions about run feeds carry."""
        return {**self.headers(), "x-trigger-electric-version": ELECTRIC_VERSION}


def segment(text: str, what: str) -> str:
    """Return an id as one part of a path, whatever characters it has.

    Raises:
        OptionError: if it is blank.
    """
    if not text.strip():
        raise OptionError(f"{what} is empty")
    return quote(text, safe="")


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no number
        if parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc:
            return url.rstrip("/")
    except ValueError:
        pass
    raise OptionError(f"a base URL looks like {CLOUD_API}, not {url!r:.200}")
