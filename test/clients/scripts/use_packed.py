"""Reads one answer in one coding: by requests, and by the decoders themselves, a few bytes at a time and all at once."""
import gzip
import json
import os
import zlib

import brotli
import requests
import zstandard

given = json.loads(os.environ["CLIENT_INPUT"])
headers = {"Accept-Encoding": given["coding"]}


def raw():
    response = requests.get(given["url"], headers=headers, stream=True, timeout=60)
    assert response.headers["Content-Encoding"] == given["coding"], response.headers
    return response.raw.read(decode_content=False)


def by_pieces(decoder, data, size=7):
    pieces = [decoder(data[at : at + size]) for at in range(0, len(data), size)]
    return b"".join(pieces)


WHOLE = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}
PIECES = {
    "gzip": lambda: zlib.decompressobj(31).decompress,
    "br": lambda: brotli.Decompressor().process,
    "zstd": lambda: zstandard.ZstdDecompressor().decompressobj().decompress,
}

coding = given["coding"]
steps = {}
for time in ("made", "kept"):
    answer = requests.get(given["url"], headers=headers, timeout=60)
    steps[f"requests, {time}"] = {"value": answer.json()["result"]}
steps["at once"] = {"value": json.loads(WHOLE[coding](raw()))["result"]}
steps["by pieces"] = {"value": json.loads(by_pieces(PIECES[coding](), raw()))["result"]}
print(json.dumps({"client": "Python", "version": requests.__version__, "steps": steps}))
