"""The door of the lake: behind it a personal value exists only as a keyed token and a masked form.

The value itself goes, encrypted, to the vault (a table in PostgreSQL that the pipeline fills). A token is the first 128
bits of HMAC-SHA256 over kind and normalised value, led by the id of its key: the same value always gives the same
token, and without the key nobody can try values until one fits. The vault's cipher is AES-SIV, deterministic, so that
the same value is one row whatever file it came from.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from guanxi.insight.staging.identifiers import Protected, is_valid, mask, normalise
from guanxi.insight.staging.linking import linking_parts

KEYS_VARIABLE = "GUANXI_KEYS"
_TOKEN_BYTES = 16
_PART_BYTES = 8  # parts are only ever compared with each other, inside one night
_QUARANTINE = b"quarantine"
_DOCUMENT = b"document"
_LINE = b"\n"  # stands before every quarantined line: the cipher takes no empty text


class DoorError(ValueError):
    """Keys that cannot be used, or a value they do not open; says what to do."""


class VaultRow(NamedTuple):
    """One protected value as the vault keeps it; `token` is its key."""

    token: str
    kind: str
    key_id: str
    ciphertext: bytes


class VaultSink(Protocol):
    """Where protected values go; keeping the same row twice changes nothing."""

    def keep(self, rows: Sequence[VaultRow]) -> None:
        """Keep these rows."""

    def forget(self, tokens: Collection[str]) -> None:
        """Drop the values of these tokens that nobody else has."""


class MemoryVault:
    """A vault in memory, for tests and for checking a mapping."""

    def __init__(self) -> None:
        self.rows: dict[str, VaultRow] = {}

    def keep(self, rows: Sequence[VaultRow]) -> None:
        """Keep these rows."""
        self.rows.update((row.token, row) for row in rows)

    def forget(self, tokens: Collection[str]) -> None:
        """Drop the values of these tokens."""
        for token in tokens:
            self.rows.pop(token, None)


@dataclass(frozen=True)
class DoorKeys:
    """The secrets of one bank, by key id; `current` protects new values, the others still open old ones."""

    current: str
    token: Mapping[str, bytes]
    vault: Mapping[str, bytes]


def read_keys(home: Path, environment: Mapping[str, str] = os.environ) -> DoorKeys:
    """The bank's keys from the file that GUANXI_KEYS names, else from `home`/keys.json, which is made on first use.

    Raises DoorError when the named file is missing, readable by others, or no key file.
    """
    named = environment.get(KEYS_VARIABLE)
    path = Path(named) if named else home / "keys.json"
    if not named and not path.exists():
        _make_keys(path)
    if not path.is_file():
        raise DoorError(f"{path}: {KEYS_VARIABLE} names a key file that is not there (密钥文件不存在)")
    if path.stat().st_mode & 0o077:
        raise DoorError(f"{path}: other users may read the keys; run: chmod 600 {path} (密钥文件权限过宽)")
    try:
        body = json.loads(path.read_text(encoding="utf8"))
        tokens = {name: bytes.fromhex(pair["token"]) for name, pair in body["keys"].items()}
        vaults = {name: bytes.fromhex(pair["vault"]) for name, pair in body["keys"].items()}
        keys = DoorKeys(body["current"], tokens, vaults)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DoorError(f"{path}: this is no key file of Guanxi (密钥文件格式不符)") from error
    _check_keys(keys, path)
    return keys


def fresh_keys(key_id: str = "k1") -> DoorKeys:
    """New random keys."""
    return DoorKeys(key_id, {key_id: secrets.token_bytes(32)}, {key_id: secrets.token_bytes(64)})


def _check_keys(keys: DoorKeys, path: Path) -> None:
    if keys.current not in keys.token:
        raise DoorError(
            f"{path}: the current key {keys.current!r} is not among the keys (当前密钥不在文件中)"
        )
    for name, key in keys.token.items():
        if len(key) < 32 or len(keys.vault[name]) != 64:
            raise DoorError(f"{path}: key {name!r} has the wrong length (密钥长度不符)")


def _make_keys(path: Path) -> None:
    keys = fresh_keys()
    pairs = {name: {"token": keys.token[name].hex(), "vault": keys.vault[name].hex()} for name in keys.token}
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf8") as file:
        json.dump({"current": keys.current, "keys": pairs}, file)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # the first of two programs wins; the second reads the first one's keys
    except FileExistsError:
        pass
    finally:
        draft.unlink()


# numbers of both lengths, mobile and fixed phones, are compared with each other
_PART_KIND = {Protected.RESIDENT_ID_15: Protected.RESIDENT_ID, Protected.PHONE: Protected.MOBILE}


class Shown(NamedTuple):
    """What the lake keeps of one personal value."""

    token: str
    masked: str
    valid: bool | None


class Door:
    """Protects values on their way in, finds their tokens for a search, opens them for whoever may see them."""

    def __init__(self, keys: DoorKeys) -> None:
        self._keys = keys
        self._token_key = keys.token[keys.current]
        self._ciphers = {name: AESSIV(key) for name, key in keys.vault.items()}
        self._cipher = self._ciphers[keys.current]

    @property
    def key_id(self) -> str:
        """The id of the key that protects new values."""
        return self._keys.current

    def token(self, kind: Protected, value: str) -> str:
        """The token under which this value would be found."""
        return self._token(kind, normalise(kind, value))

    def tokens(self, kind: Protected, value: str) -> tuple[str, ...]:
        """The token under each key the bank has, the current one first: what a search looks for after a rotation."""
        normal = normalise(kind, value)
        others = [name for name in self._keys.token if name != self.key_id]
        return tuple(_token(name, self._keys.token[name], kind, normal) for name in (self.key_id, *others))

    def protect(self, kind: Protected, values: Sequence[str]) -> tuple[list[Shown], list[VaultRow]]:
        """Token, masked form and validity of each value, and the vault's rows for them; in the order given."""
        label, lead = [kind.value.encode()], f"{kind.value}\x1f".encode()
        encrypt, key, key_id = self._cipher.encrypt, self._token_key, self.key_id
        shown, rows = [], []
        for value in values:
            normal = normalise(kind, value)
            token = f"{key_id}.{hmac.digest(key, lead + normal.encode(), 'sha256')[:_TOKEN_BYTES].hex()}"
            shown.append(Shown(token, mask(kind, normal), is_valid(kind, normal)))
            if normal and kind is not Protected.NAME:
                rows.append(VaultRow(token, kind.value, key_id, encrypt(value.encode(), label)))
        return shown, rows

    def parts(self, kind: Protected, value: str) -> str | None:
        """Keyed tokens of the value's parts, parted by blanks, each of 16 letters; None where linkage compares none.

        They are made with the key that made the token beside them, and a part matches only the same place of the
        same kind of value: an address word, say, never a piece of a phone.
        """
        texts = linking_parts(kind, normalise(kind, value))
        if not texts:
            return None
        lead = "word" if kind is Protected.ADDRESS else _PART_KIND.get(kind, kind).value
        places = ("",) * len(texts) if kind is Protected.ADDRESS else range(len(texts))
        digests = (
            hmac.digest(self._token_key, f"part\x1f{lead}\x1f{place}\x1f{text}".encode(), "sha256")
            for place, text in zip(places, texts, strict=True)
        )
        return " ".join(digest[:_PART_BYTES].hex() for digest in digests)

    def reveal(self, row: VaultRow) -> str:
        """The value behind a vault row, as the bank wrote it; DoorError when no key of ours opens it."""
        return self._open(row.key_id, row.ciphertext, row.kind.encode()).decode()

    def seal_line(self, raw: bytes) -> bytes:
        """A quarantined line, encrypted; its key id leads it."""
        return self.key_id.encode() + b":" + self._cipher.encrypt(_LINE + raw, [_QUARANTINE])

    def open_line(self, sealed: bytes) -> bytes:
        """The quarantined line as it stood in the bank's file."""
        key_id, _, ciphertext = sealed.partition(b":")
        return self._open(key_id.decode(), ciphertext, _QUARANTINE).removeprefix(_LINE)

    def seal_document(self, content: bytes, about: bytes) -> tuple[str, bytes]:
        """A paper, encrypted, and the id of its key. `about` (its own number) binds it: it opens in no other place."""
        return self.key_id, self._cipher.encrypt(content, [_DOCUMENT, about])

    def open_document(self, key_id: str, ciphertext: bytes, about: bytes) -> bytes:
        """The paper that was sealed with this number; DoorError when it was changed or stands in another's place."""
        return self._open(key_id, ciphertext, _DOCUMENT, about)

    def _token(self, kind: Protected, normal: str) -> str:
        return _token(self.key_id, self._token_key, kind, normal)

    def _open(self, key_id: str, ciphertext: bytes, *labels: bytes) -> bytes:
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise DoorError(f"protected with key {key_id!r}, which the key file does not hold (密钥已不在)")
        try:
            return cipher.decrypt(ciphertext, list(labels))
        except InvalidTag as error:
            raise DoorError(
                "the value was changed or belongs to another bank's keys (密文无法解开)"
            ) from error


def _token(key_id: str, key: bytes, kind: Protected, normal: str) -> str:
    digest = hmac.digest(key, f"{kind.value}\x1f{normal}".encode(), "sha256")
    return f"{key_id}.{digest[:_TOKEN_BYTES].hex()}"
