"""Computes the vectors of the newer vendors with the vendors' own SDKs, and writes them into vectors.json.

No test runs this file. To run it again:

    python3 -m venv /tmp/sdks
    /tmp/sdks/bin/pip install alibabacloud-dypnsapi20170525 huaweicloudsdksmsapi vonage-sms volcengine boto3 twilio time-machine
    /tmp/sdks/bin/python src/sms/vectors/vectors.py

Nothing is sent: each SDK is stopped when it hands its finished request to the HTTP client. The credentials are invented.
"""

import datetime
import json
import pathlib
from importlib.metadata import version
from urllib.parse import parse_qsl, urlencode, urlsplit

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


TEXT = "验证码 042137，5 分钟内有效，请勿告诉他人。"


def huawei():
    from huaweicloudsdkcore.sdk_request import SdkRequest
    from huaweicloudsdkcore.signer.signer import Signer
    from huaweicloudsdksmsapi.v1 import BatchSendSmsRequest, BatchSendSmsRequestBody, SMSApiClient
    from huaweicloudsdksmsapi.v1.smsapi_credentials import SMSApiCredentials

    credentials = SMSApiCredentials("EXAMPLE-app-key-loopback-only", "EXAMPLE-app-secret-loopback-only")
    given = {
        "app_key": credentials.ak,
        "app_secret": credentials.sk,
        "sender": "8824110605000",
        "template_id": "1d18a7f4e1b84f6c8fc1546b48b3baea",
        "sign_name": "示例科技",
        "callback": "https://id.example.com/webhooks/sms/huawei/receiptsSecretOfTheVectors",
        "date": "20240101T190405Z",
        "note": "the SDK also signs user-agent, which is left out here",
    }
    client = SMSApiClient.new_builder().with_credentials(credentials)
    client = client.with_endpoint("https://smsapi.cn-north-4.myhuaweicloud.com").build()
    body = BatchSendSmsRequestBody(
        _from=given["sender"],
        to="+8613800138000",
        template_id=given["template_id"],
        template_paras='["042137","5"]',
        status_callback=given["callback"],
        signature=given["sign_name"],
    )
    sent = capture(lambda: client.batch_send_sms(BatchSendSmsRequest(body=body)))
    again = sdk_request(SdkRequest, sent.url, {"Content-Type": sent.headers["Content-Type"]}, sent.body)
    signed = Signer(credentials).sign(again).header_params
    expect = {"url": sent.url, "body": sent.body, "authorization": signed["Authorization"]}
    expect |= {name.lower(): signed[name] for name in ("Content-Type", "X-Sdk-Content-Sha256", "X-Sdk-Date")}
    made = [vector("huawei_send", by("huaweicloudsdksmsapi", "huaweicloudsdkcore"), given, expect)]

    report = "sequence=1&total=1&updateTime=2024-01-01T19%3A04%3A05Z&source=2&smsMsgId=id-1_6&status=DELIVRD"
    # The signer hashes the body unless its type is that of a form. Which of the two the vendor does is not documented.
    for name, headers in (
        ("huawei_report_unhashed", {"Content-Type": "application/x-www-form-urlencoded"}),
        ("huawei_report_hashed", {}),
    ):
        again = sdk_request(SdkRequest, given["callback"], headers, report)
        signed = Signer(credentials).sign(again).header_params
        headers = {header.lower(): value for header, value in signed.items()}
        made.append(vector(name, by("huaweicloudsdkcore"), given, {"body": report, "headers": headers}))
    return made


def sdk_request(kind, url, headers, body):
    """Returns a POST as the signer of the SDK takes it."""
    parts = urlsplit(url)
    return kind("POST", parts.scheme, parts.netloc, parts.path, None, [], dict(headers), body)


def vonage():
    from vonage_http_client import Auth, HttpClient
    from vonage_sms import Sms, SmsMessage

    given = {"api_key": "abcd1234", "api_secret": "EXAMPLEsecret0", "from": "Haoma", "text": TEXT, "ref": "req-0001"}
    client = HttpClient(Auth(api_key=given["api_key"], api_secret=given["api_secret"]))
    message = SmsMessage(
        to="8613800138000", from_=given["from"], text=TEXT, client_ref=given["ref"], type="unicode", ttl=300_000
    )
    sent = capture(lambda: Sms(client).send(message))
    expect = {"url": sent.url, "body": sent.body, "authorization": sent.headers["Authorization"]}
    expect["content_type"] = sent.headers["Content-Type"]
    made = [vector("vonage_send", by("vonage-sms", "vonage-http-client"), given, expect)]

    report = {
        "msisdn": "8613800138000",
        "to": "Hao&ma=x",
        "network-code": "46000",
        "messageId": "id-1",
        "price": "0.03330000",
        "status": "delivered",
        "scts": "2401011904",
        "err-code": "0",
        "api-key": given["api_key"],
        "message-timestamp": "2024-01-01 19:04:05",
        "timestamp": "1704135845",
        "nonce": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab",
    }
    for method in ("sha256", "sha512", "md5"):
        secret = "EXAMPLEsignatureSecret0"
        auth = Auth(api_key=given["api_key"], signature_secret=secret, signature_method=method)
        body = json.dumps(report | {"sig": auth.sign_params(dict(report))})
        expect = {"body": body}
        made.append(vector(f"vonage_report_{method}", by("vonage-http-client"), {"secret": secret}, expect))
    return made


def sns():
    import boto3

    given = {
        "region": "ap-southeast-1",
        "access_key_id": "AKIA-EXAMPLE-loopback-only",
        "secret_access_key": "EXAMPLE/secret+loopback/only",
        "sender_id": "Haoma",
        "text": TEXT,
    }
    client = boto3.client(
        "sns",
        region_name=given["region"],
        aws_access_key_id=given["access_key_id"],
        aws_secret_access_key=given["secret_access_key"],
    )

    def stop(request, **__):
        raise Captured(request)

    client.meta.events.register("before-send.sns", stop)
    attributes = {
        "AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"},
        "AWS.SNS.SMS.SenderID": {"DataType": "String", "StringValue": given["sender_id"]},
    }
    sent = capture(lambda: client.publish(PhoneNumber="+8613800138000", Message=TEXT, MessageAttributes=attributes))
    headers = {name.lower(): value for name, value in sent.headers.items() if isinstance(value, bytes)}
    expect = {"url": sent.url, "body": sent.body if isinstance(sent.body, str) else sent.body.decode()}
    expect |= {name: headers[name].decode() for name in ("content-type", "x-amz-date", "authorization")}
    return [vector("sns_publish", by("boto3", "botocore"), given, expect)]


def volcengine():
    from volcengine.sms.SmsService import SmsService

    service = SmsService()
    given = {
        "access_key_id": "AKLT-EXAMPLE-loopback-only",
        "secret_access_key": "EXAMPLEsecretLoopbackOnly==",
        "sms_account": "7a1b2c3d",
        "sign_name": "示例科技",
        "template_id": "ST_7a1b2c3d",
        "tag": "req-0001",
    }
    service.set_ak(given["access_key_id"])
    service.set_sk(given["secret_access_key"])
    body = {
        "PhoneNumbers": "13800138000",
        "Sign": given["sign_name"],
        "SmsAccount": given["sms_account"],
        "Tag": given["tag"],
        "TemplateID": given["template_id"],
        "TemplateParam": '{"code":"042137"}',
    }
    body = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    made = []
    for name, call in (
        ("volcengine_send", lambda: service.send_sms(body)),
        ("volcengine_list", lambda: service.get_sub_account_list({"pageIndex": 1, "pageSize": 1})),
    ):
        sent = capture(call)
        expect = {"url": sent.url, "body": sent.body or ""}
        expect |= {header.lower(): sent.headers[header] for header in ("X-Date", "X-Content-Sha256", "Authorization")}
        made.append(vector(name, by("volcengine"), given, expect))
    return made


def twilio_report():
    from twilio.request_validator import RequestValidator

    given = {
        "auth_token": "example-auth-token-loopback-only",
        "address": "https://id.example.com/webhooks/sms/twilio/receiptsSecretOfTheVectors",
    }
    form = {
        "MessageSid": "id-1",
        "SmsSid": "id-1",
        "MessageStatus": "delivered",
        "SmsStatus": "delivered",
        "To": "+8613800138000",
        "From": "+15005550006",
        "AccountSid": "AC000000000000000000000000000000a1",
        "ApiVersion": "2010-04-01",
    }
    signature = RequestValidator(given["auth_token"]).compute_signature(given["address"], form)
    expect = {"body": urlencode(form), "signature": signature}
    return [vector("twilio_report", by("twilio"), given, expect)]


def vector(name, computed_by, given, expect):
    return {"name": name, "computed_by": computed_by, "given": given, "expect": expect}


def main():
    with time_machine.travel(NOW, tick=False):
        made = aliyun_pnvs() + huawei() + vonage() + sns() + volcengine() + twilio_report()
    names = {one["name"] for one in made}
    kept = [one for one in json.loads(FILE.read_text()) if one["name"] not in names]
    FILE.write_text(json.dumps(kept + made, ensure_ascii=False, indent=2) + "\n")


main()
