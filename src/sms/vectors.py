"""Computes the vectors of the newer vendors with the vendors' own SDKs, and writes them into vectors.json.

No test runs this file. To run it again:

    python3 -m venv /tmp/sdks
    /tmp/sdks/bin/pip install alibabacloud-dypnsapi20170525 time-machine
    /tmp/sdks/bin/python src/sms/vectors.py

Nothing is sent: each SDK is stopped when it hands its finished request to the HTTP client. The credentials are invented.
"""

import datetime
import json
import pathlib
from importlib.metadata import version
from urllib.parse import parse_qsl, urlsplit

import requests
import time_machine

NOW = datetime.datetime(2024, 1, 1, 19, 4, 5, tzinfo=datetime.timezone.utc)
FILE = pathlib.Path(__file__).with_name("vectors.json")


class Captured(BaseException):
    """Carries a request out of an SDK. The SDKs catch only exceptions of the class `Exception`."""

    def __init__(self, request):
        self.request = request


def capture(call):
    """Returns the request that a call would send through the package `requests`."""

    def send(_, request, **__):
        raise Captured(request)

    requests.adapters.HTTPAdapter.send = send
    try:
        call()
    except Captured as captured:
        return captured.request
    raise SystemExit("nothing was sent")


def by(*packages):
    return ", ".join(f"{package} {version(package)}" for package in packages)


def aliyun_pnvs():
    from alibabacloud_dypnsapi20170525.client import Client
    from alibabacloud_dypnsapi20170525.models import SendSmsVerifyCodeRequest
    from alibabacloud_tea_openapi.models import Config
    from alibabacloud_tea_openapi.utils import Utils
    from Tea.request import TeaRequest

    key, secret = "LTAI-EXAMPLE-loopback-only", "EXAMPLE-access-key-secret-loopback"
    nonce = "3f2b8c7e5d1a4f60b9e8a7c6d5e4f301"
    given = {
        "access_key_id": key,
        "access_key_secret": secret,
        "sign_name": "速通互联验证码",
        "template_code": "100001",
        "out_id": "req-0001",
        "date": "2024-01-01T19:04:05Z",
        "nonce": nonce,
        "note": "the SDK also signs accept, user-agent and x-acs-credentials-provider, which are left out here",
    }
    Utils.get_nonce = staticmethod(lambda: nonce)
    client = Client(Config(access_key_id=key, access_key_secret=secret, endpoint="dypnsapi.aliyuncs.com"))
    request = SendSmsVerifyCodeRequest(
        phone_number="13800138000",
        sign_name=given["sign_name"],
        template_code=given["template_code"],
        template_param='{"code":"042137","min":"5"}',
        out_id=given["out_id"],
    )
    sent = capture(lambda: client.send_sms_verify_code(request))
    own = {name: value for name, value in sent.headers.items() if name == "host" or name.startswith("x-acs-")}
    del own["x-acs-credentials-provider"]
    again = TeaRequest()
    again.method, again.pathname, again.headers = sent.method, "/", own
    again.query = dict(parse_qsl(urlsplit(sent.url).query))
    signed = Utils.get_authorization(again, "ACS3-HMAC-SHA256", own["x-acs-content-sha256"], key, secret)
    expect = {"url": sent.url, "authorization": signed}
    expect |= {name: own[name] for name in ("x-acs-action", "x-acs-version", "x-acs-content-sha256")}
    return [vector("aliyun_pnvs", by("alibabacloud-dypnsapi20170525", "alibabacloud-tea-openapi"), given, expect)]


def vector(name, computed_by, given, expect):
    return {"name": name, "computed_by": computed_by, "given": given, "expect": expect}


def main():
    with time_machine.travel(NOW, tick=False):
        made = aliyun_pnvs()
    names = {one["name"] for one in made}
    kept = [one for one in json.loads(FILE.read_text()) if one["name"] not in names]
    FILE.write_text(json.dumps(kept + made, ensure_ascii=False, indent=2) + "\n")


main()
