"""Lists archives as Python's tarfile reads them: base64 in a JSON array on stdin, a listing of each on stdout."""
import base64
import hashlib
import io
import json
import sys
import tarfile


def listing(text):
    entries = []
    try:
        with tarfile.open(fileobj=io.BytesIO(base64.b64decode(text)), mode="r:") as archive:
            for member in archive:
                body = archive.extractfile(member).read() if member.isreg() else b""
                entries.append({
                    "type": member.type.decode("latin1"),
                    "name": member.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
                    "link": member.linkname.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
                    "size": len(body),
                    "sha256": hashlib.sha256(body).hexdigest(),
                })
    except (tarfile.TarError, ValueError, OSError, EOFError) as error:
        return {"entries": entries, "error": repr(error)}
    return {"entries": entries, "error": ""}


json.dump([listing(text) for text in json.load(sys.stdin)], sys.stdout)
