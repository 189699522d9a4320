"""A file from a plain address, gone on with where it broke off."""

import json
from collections.abc import Generator
from pathlib import Path

import httpx

from app.models.sources.progress import Facts, FetchProgress, SourceError, StoppedError, Wanted, check_room

CONNECT_S, READ_S = 10.0, 10.0
"""A stop is noticed at the latest when a silent connection has run into this."""
_BLOCK = 1 << 18
_BREAKS_WITHOUT_PROGRESS = 3


def client() -> httpx.Client:
    """Follows redirects and goes through the proxy that the machine is set to, if any."""
    return httpx.Client(
        timeout=httpx.Timeout(READ_S, connect=CONNECT_S),
        follow_redirects=True,
        headers={"User-Agent": "keepsake", "Accept-Encoding": "identity"},
    )


def fetch(url: str, wanted: Wanted, http: httpx.Client) -> Generator[FetchProgress, None, Facts]:
    """Fetch into `wanted.target`, after what is there already; a broken connection is taken up again.

    Raises SourceError, StoppedError.
    """
    breaks = 0
    while True:
        if wanted.stop.is_set():
            raise StoppedError
        before = _size(wanted.target)
        try:
            return (yield from _fetch_once(url, wanted, http))
        except httpx.TransportError as error:
            breaks = 0 if _size(wanted.target) > before else breaks + 1
            if breaks == _BREAKS_WITHOUT_PROGRESS:
                raise SourceError(f"{_host(url)} cannot be reached: {_reason(error)}.") from error


def _fetch_once(url: str, wanted: Wanted, http: httpx.Client) -> Generator[FetchProgress, None, Facts]:
    yield FetchProgress("asking", 0, wanted.size_bytes or 0, f"Asking {_host(url)}")
    with http.stream("GET", url, headers=_go_on(url, wanted)) as response:
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            if wanted.size_bytes and _size(wanted.target) == wanted.size_bytes:
                return Facts(size_bytes=wanted.size_bytes, origin=url)
            wanted.target.unlink(missing_ok=True)
            raise httpx.ReadError("the part that was there does not fit the file")
        if response.is_error:
            raise SourceError(f"{_host(url)} answered {response.status_code} {response.reason_phrase}.")
        start = _start(response, wanted)
        total = _total(response, start) or wanted.size_bytes or 0
        _note(wanted.target, url, response)
        check_room(wanted.target, total - start)
        for done in _write(response, wanted, start):
            yield FetchProgress("fetching", done, total, f"Fetching from {_host(url)}")
    if total and _size(wanted.target) != total:
        raise httpx.ReadError("the connection broke off")
    return Facts(size_bytes=total or None, origin=url)


def _go_on(url: str, wanted: Wanted) -> dict[str, str]:
    """Headers that ask for the rest alone, where the file there can be told to be the same one."""
    have = _size(wanted.target)
    noted_url, mark = _noted(wanted.target)
    if not have or noted_url != url or not (mark or wanted.sha256):
        return {}
    return {"Range": f"bytes={have}-", **({"If-Range": mark} if mark else {})}


def _start(response: httpx.Response, wanted: Wanted) -> int:
    """From which byte on the answer goes; 0 where the server begins anew."""
    if response.status_code != httpx.codes.PARTIAL_CONTENT:
        return 0
    begins = response.headers.get("Content-Range", "").removeprefix("bytes ").split("-")[0]
    if begins != str(_size(wanted.target)):
        wanted.target.unlink(missing_ok=True)
        raise httpx.ReadError("the server sent another part than was asked for")
    return int(begins)


def _total(response: httpx.Response, start: int) -> int:
    length = response.headers.get("Content-Length", "")
    return start + int(length) if length.isdigit() else 0


def _write(response: httpx.Response, wanted: Wanted, start: int) -> Generator[int, None, None]:
    done = start
    with wanted.target.open("ab" if start else "wb") as file:
        for block in response.iter_raw(_BLOCK):
            if wanted.stop.is_set():
                raise StoppedError
            file.write(block)
            done += len(block)
            yield done


def _note(target: Path, url: str, response: httpx.Response) -> None:
    """Keep the server's mark of this version beside the part, so that two versions are never mixed."""
    mark = response.headers.get("ETag", "")
    note = {"url": url, "etag": "" if mark.startswith("W/") else mark}
    note_of(target).write_text(json.dumps(note), encoding="utf-8")


def _noted(target: Path) -> tuple[str, str]:
    try:
        note = json.loads(note_of(target).read_text(encoding="utf-8"))
        return str(note["url"]), str(note["etag"])
    except (OSError, ValueError, KeyError, TypeError):
        return "", ""


def note_of(target: Path) -> Path:
    """The small file beside an unfinished one."""
    return target.with_name(target.name + ".json")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _host(url: str) -> str:
    return httpx.URL(url).host


def _reason(error: Exception) -> str:
    return str(error).strip().rstrip(".").lower() or type(error).__name__
