# Haoma가 사람에게 하는 모든 말. 오류는 무슨 일이 있었는지 먼저 말하고, 이어서 어떻게 하면 되는지 말한다.

## 모든 페이지

development = 개발 모드: 문자 메시지가 Haoma를 실행 중인 터미널에 표시됩니다
page-description = 휴대폰 번호로 { $brand }에 로그인하거나 가입하세요
languages = 언어
title-problem = 확인해 주세요
show = 표시
hide = 숨기기
close = 닫기
label-mobile = 휴대폰 번호
label-new-mobile = 새 휴대폰 번호
label-country = 국가 또는 지역
label-password = 비밀번호
label-name = 사용자 이름

## 회원가입

register-title = 회원가입
register-lead = 휴대폰 번호로 가입합니다
register-submit = 가입하기
register-have = 이미 계정이 있으신가요?
use-number = 로그인
signed-in-as = { $mobile } 계정으로 로그인됨
go-on = 계속
placeholder-mobile = 휴대폰 번호 입력
label-captcha = 자동입력 방지문자
captcha-title = 그림의 문자를 입력해 주세요
hint-captcha = 대소문자를 구분하지 않습니다
captcha-picture = 자동입력 방지문자 4자 그림
captcha-picture-harder = 자동입력 방지문자 6자 그림
captcha-another = 다른 그림 보기
captcha-audio = 자동입력 방지문자 음성
captcha-listen = 음성으로 듣기
captcha-stop = 정지
captcha-unheard = 재생하지 못했습니다. 다른 그림으로 시도해 주세요
send-code = 인증번호 받기
send-code-under-way = 전송 중…
send-code-again = 다시 받기
send-code-wait = { $seconds }초 후 다시 받기
send-code-ready = 이제 인증번호를 다시 받을 수 있습니다
wait-and-reload = { $seconds }초 후 다시 받을 수 있습니다.
reload = 새로고침
wait-other = 번호를 잘못 입력했다면 고친 뒤 바로 받을 수 있습니다
label-sms-code = 인증번호
code-title = 인증번호 입력
hint-sms-code = 문자로 받은 6자리 숫자
hint-password-new = { $least }자 이상
hint-password-optional = 선택 사항, { $least }자 이상
terms-accept = { $terms } 및 { $privacy }에 동의
terms-accept-one = { $terms }에 동의
terms-name = 이용약관
terms-title = 계속하려면 동의가 필요합니다
terms-agree = 동의하고 계속
terms-later = 나중에
privacy-name = 개인정보 처리방침
terms-and-privacy-name = 이용약관 및 개인정보 처리방침
hint-password-kinds = { $least }자 이상, 영문 대문자·소문자·숫자·기호 중 3종류 이상
password-short = { $missing }자 더 필요합니다
password-weak = 보안 수준: 낮음(더 길게 입력해 주세요)
password-fair = 보안 수준: 보통
password-strong = 보안 수준: 높음
notice-sms-sent = { $mobile } 번호로 보냈습니다
other-number = 변경
sms-missed = 인증번호를 받지 못하셨나요?
sms-missed-number = 번호가 올바른지, 문자를 받을 수 있는 상태인지 확인해 주세요
sms-missed-blocked = 스팸 문자함을 확인해 주세요. 시간이 지나면 다시 받을 수 있습니다

## 로그인

login-title = 로그인
login-or-register-title = 로그인 또는 회원가입
login-or-register-lead = 처음이시면 번호 인증 후 가입됩니다
login-by-code-lead = 휴대폰 번호를 입력해 주세요
login-new = 계정이 없으신가요?
forgot-password = 비밀번호를 잊으셨나요?
reset-title = 비밀번호 재설정
reset-lead = 번호를 인증하면 새 비밀번호를 설정할 수 있습니다. 모든 기기에서 로그아웃됩니다
reset-submit = 비밀번호 재설정
notice-captcha-needed = 로그인에 여러 번 실패했습니다. 자동입력 방지문자도 입력해 주세요
notice-password-reset = 비밀번호를 재설정했습니다. 새 비밀번호로 로그인해 주세요
register-proved = 번호가 인증되었습니다. 아직 가입하지 않은 번호이므로 비밀번호를 설정하면 가입이 완료됩니다
login-by-password = 비밀번호로 로그인
login-by-code = 인증번호로 로그인
remember = { $unit ->
    [minutes] { $count }분 동안 로그인 상태 유지
    [hours] { $count }시간 동안 로그인 상태 유지
   *[days] { $count }일 동안 로그인 상태 유지
  }
label-login = 휴대폰 번호 또는 사용자 이름

## 계정

account-title = 내 계정
account-more = 더보기
change = 변경
save = 저장
sessions-title = 로그인된 기기
sessions-lead = 내 계정에 로그인되어 있는 기기입니다. 로그아웃하면 바로 사용할 수 없게 됩니다
session-current = 현재 기기
session-end = 로그아웃
sessions-end-others = 다른 모든 기기에서 로그아웃
session-unknown-device = 알 수 없는 기기
session-last-seen = 최근 활동: { $at }
ago = { $unit ->
    [now] 방금
    [minutes] { $count }분 전
    [hours] { $count }시간 전
   *[days] { $count }일 전
  }
session-signed-in = { $at } 로그인
devices-title = 신뢰하는 기기
devices-lead = 로그인한 적이 있는 기기입니다. 다른 사람이 비밀번호나 번호를 계속 시도해도 이 기기에서는 로그인할 수 있습니다. 삭제해도 로그아웃되지 않으며, 다음에 로그인하면 새 기기로 봅니다
device-last-used = 최근 로그인: { $at }
device-forget = 삭제
name-title = 사용자 이름 변경
name-lead = 2~32자의 문자, 숫자, _ - . 을 사용할 수 있으며, 로그인할 때도 쓸 수 있습니다
set = 설정
password-none = 설정 안 함
password-set = 비밀번호 설정
password-set-lead = 설정하면 비밀번호로도 로그인할 수 있습니다
password-title = 비밀번호 변경
password-lead = 변경하면 다른 모든 기기에서 로그아웃됩니다
label-current-password = 현재 비밀번호
label-new-password = 새 비밀번호
mobile-title = 휴대폰 번호 변경
mobile-lead = 새 번호로 인증번호를 보냅니다. 변경 후에는 새 번호로 로그인해 주세요. 다른 모든 기기에서 로그아웃됩니다
mobile-submit = 변경하기
delete-title = 계정 삭제
delete-lead = 계정이 즉시 삭제되며 복구할 수 없습니다. 문자 발송 기록은 법령에 따라 6개월 이상 보관됩니다
delete-submit = 삭제하기
delete-confirm = 복구할 수 없음을 이해했습니다
label-created-at = 가입일
logout = 로그아웃

## 기기

device-wechat = 위챗
device-wecom = WeCom
device-qq = QQ
device-qq-browser = QQ 브라우저
device-uc = UC 브라우저
device-quark = Quark
device-miui = Mi 브라우저
device-huawei = 화웨이 브라우저
device-honor = 아너 브라우저
device-vivo = vivo 브라우저
device-oppo = OPPO 브라우저
device-samsung = 삼성 인터넷
device-baidu = 바이두
device-360 = 360 브라우저
device-sogou = Sogou 브라우저
device-alipay = 알리페이
device-dingtalk = DingTalk
device-feishu = Lark
device-weibo = 웨이보
device-douyin = 더우인
device-xiaohongshu = 샤오홍슈
device-harmonyos = HarmonyOS
device-browser = 브라우저
device-webview = 인앱 브라우저

## 방금 한 일

notice-registered = 회원가입이 완료되었습니다
notice-name-changed = 사용자 이름을 변경했습니다
notice-password-changed = 비밀번호를 변경했습니다. 다른 기기에서 로그아웃되었습니다
notice-password-set = 비밀번호를 설정했습니다
notice-mobile-changed = 휴대폰 번호를 변경했습니다. 다른 기기에서 로그아웃되었습니다
notice-session-ended = 해당 기기에서 로그아웃했습니다
notice-others-signed-out = 다른 모든 기기에서 로그아웃했습니다
notice-device-forgotten = 해당 기기를 삭제했습니다
notice-signed-out = 로그아웃되었습니다
notice-account-deleted = 계정이 삭제되었습니다
notice-expired = 로그인이 만료되었습니다. 다시 로그인해 주세요
notice-ended = 다른 기기에서 로그아웃했습니다. 다시 로그인해 주세요

## 안내 페이지

heading-not-found = 페이지가 없습니다
heading-refused = 작업을 완료할 수 없습니다
heading-unavailable = 지금은 이용할 수 없습니다
heading-internal = 오류가 발생했습니다
try-again = 다시 시도
request-id = 요청 번호 { $id }
to-home = 홈으로
to-account = 내 계정으로

## 성공과 오류

error-input = 입력한 내용을 확인해 주세요
error-unreadable = 보낸 내용을 읽을 수 없습니다. 형식을 확인하고 다시 시도해 주세요
error-too-large = 보낸 내용이 너무 큽니다. 줄여서 다시 시도해 주세요
error-url-too-long = 주소가 너무 깁니다. 확인하고 다시 시도해 주세요
error-headers-too-large = 브라우저가 보낸 데이터가 너무 많습니다. 이 사이트의 쿠키를 삭제하고 다시 시도해 주세요
error-unsupported-type = 지원하지 않는 콘텐츠 유형입니다. application/json으로 보내 주세요
error-not-found = 찾으시는 내용이 없습니다. 주소를 확인하거나 홈으로 이동해 주세요
error-method-not-allowed = 할 수 없는 작업입니다. 홈으로 이동해 다시 시도해 주세요
error-cross-site = 계정 보호를 위해 이 사이트를 직접 열어 다시 시도해 주세요
error-plain-http = https로 이 사이트에 접속해 주세요. 방금 보낸 내용이 유출되었을 수 있으니 비밀번호를 변경해 주세요
error-unknown-host = 이 사이트의 주소가 아닙니다. 확인하고 다시 시도해 주세요
error-origin-missing = 이 사이트에서 보낸 요청인지 확인할 수 없습니다. 사이트를 직접 열거나 다른 브라우저를 사용해 주세요
error-captcha-gone = 자동입력 방지문자가 만료되었습니다. 새 그림의 문자를 입력해 주세요
error-captcha-wrong = 자동입력 방지문자가 다릅니다. 새 그림의 문자를 입력해 주세요
proof-under-way = 보안 확인 중입니다…
error-proof-missing = 보안 확인을 위해 새 그림의 6자를 입력해 주세요
error-proof-wrong = 보안 확인에 실패했습니다. 다시 시도해 주세요
error-proof-expired = 보안 확인에 실패했습니다. 다시 시도해 주세요
error-proof-used = 보안 확인에 실패했습니다. 다시 시도해 주세요
error-proof-insufficient = 보안 확인에 실패했습니다. 다시 시도해 주세요
error-sms-code-gone = 더 이상 쓸 수 없는 인증번호입니다. 다시 받아 주세요
error-sms-code-wrong = { $tries ->
    [0] 여러 번 틀려 더 이상 쓸 수 없는 인증번호입니다. 다시 받아 주세요
   *[other] 인증번호가 다릅니다. { $tries }번 더 입력할 수 있습니다
  }
error-mobile-taken = 이미 가입된 번호입니다
mobile-taken-by-another = 다른 계정에서 사용 중인 번호입니다. 다른 번호를 입력해 주세요
error-own-mobile = 현재 사용 중인 번호입니다
error-name-taken = 이미 사용 중인 이름입니다. 다른 이름을 입력해 주세요
error-too-often-resend = 요청이 너무 많습니다. { $seconds }초 후 다시 시도해 주세요
error-too-often-mobile = 이 번호로 인증번호를 너무 많이 요청했습니다. { $minutes }분 후 다시 시도해 주세요
error-too-often-address = 현재 네트워크에서 요청이 너무 많습니다. { $minutes }분 후 다시 시도해 주세요
error-too-often-prefix = 인증번호 요청이 몰리고 있습니다. { $minutes }분 후 다시 시도해 주세요
error-too-often-wrong-codes = 인증번호를 너무 많이 틀렸습니다. { $minutes }분 후 다시 시도해 주세요
error-not-signed-in = 먼저 로그인해 주세요
error-signed-in-elsewhere = 로그인된 기기가 너무 많아 이 기기에서 로그아웃되었습니다. 다시 로그인해 주세요
error-sign-up-closed = 현재 회원가입을 받지 않습니다
error-no-account = 아직 가입하지 않은 번호입니다. 비밀번호를 설정하면 가입이 완료되며, 인증번호는 그대로 쓸 수 있습니다
error-harder-captcha-needed = 계속하려면 새 그림의 6자를 입력해 주세요
error-captcha-needed = 보안 확인을 위해 그림의 문자를 입력해 주세요
error-too-often-sign-in = 로그인에 너무 많이 실패했습니다. { $minutes }분 후 다시 시도하거나 인증번호로 로그인해 주세요
error-wrong-login = 계정 또는 비밀번호가 올바르지 않습니다
error-wrong-password = 현재 비밀번호가 올바르지 않습니다. 다시 입력하거나 재설정해 주세요
error-sign-in-again = 계정 보호를 위해 다시 로그인해 주세요
error-account-locked = 잠긴 계정입니다. 고객센터로 문의해 주세요
error-key-reused = 만료된 페이지입니다. 새로고침한 뒤 다시 보내 주세요
error-key-in-flight = 이전 요청을 처리하고 있습니다. 잠시 후 다시 시도해 주세요
error-busy = 접속이 많습니다. 잠시 후 다시 시도해 주세요
error-sms-refused = 문자를 보내지 못했습니다. 잠시 후 다시 시도해 주세요
error-sms-paused = 지금은 문자를 보낼 수 없습니다. { $minutes }분 후 다시 시도해 주세요
error-sms-budget-spent = 문자 발송이 몰리고 있습니다. { $minutes }분 후 다시 시도해 주세요
error-sms-sign-in-closed = 인증번호를 너무 많이 틀려 이 계정은 인증번호로 로그인할 수 없습니다. 비밀번호를 쓰거나 로그인한 적이 있는 브라우저를 사용해 주세요. 계속 안 되면 고객센터로 문의해 주세요
error-password-sign-in-closed = 비밀번호를 너무 많이 틀려 새 기기에서는 비밀번호로 로그인할 수 없습니다. 인증번호를 쓰거나 로그인한 적이 있는 브라우저를 사용해 주세요
error-sms-bad-number = 문자를 보내지 못했습니다. 번호가 올바른지 확인해 주세요
error-store = 일시적인 문제가 있습니다. 잠시 후 다시 시도해 주세요
error-internal = 시스템 오류가 발생했습니다. 잠시 후 다시 시도해 주세요
error-network = 연결하지 못했습니다. 네트워크를 확인하고 다시 시도해 주세요

## JSON 답변에서, 페이지의 말로는 뜻이 통하지 않는 것

json-not-found = 요청한 내용을 찾을 수 없습니다
json-method-not-allowed = 이 주소는 이런 요청을 지원하지 않습니다
json-cross-site = 다른 사이트의 요청은 받지 않습니다
json-headers-too-large = 요청 헤더가 너무 큽니다
json-origin-missing = 어느 사이트에서 보낸 요청인지 알 수 없습니다
json-key-reused = 이미 다른 요청에 쓴 Idempotency-Key입니다. 새로 만들어 주세요

## 항목별 안내

problem-missing = 입력해 주세요
problem-missing-mobile = 휴대폰 번호를 입력해 주세요
problem-missing-login = 휴대폰 번호 또는 사용자 이름을 입력해 주세요
problem-missing-captcha = 자동입력 방지문자를 입력해 주세요
problem-missing-sms-code = 인증번호를 입력해 주세요
problem-missing-password = 비밀번호를 입력해 주세요
problem-missing-new-password = 비밀번호를 설정해 주세요
problem-missing-name = 사용자 이름을 입력해 주세요
problem-missing-confirm = 확인란을 선택해 주세요
problem-malformed = 형식이 올바르지 않습니다
problem-not-text = 따옴표로 묶은 문자열이어야 합니다
problem-not-boolean = 따옴표 없이 true 또는 false여야 합니다
problem-too-long = 너무 깁니다. 줄여 주세요
problem-repeated = 여러 번 입력되었습니다. 한 번만 입력해 주세요
problem-unknown = 없는 항목입니다. 빼 주세요
problem-mobile-malformed = 올바른 휴대폰 번호를 입력해 주세요
problem-mobile-malformed-in = 올바른 휴대폰 번호를 입력해 주세요(예: { $example })
problem-country-not-served = 아직 지원하지 않는 국가 또는 지역입니다: { $country }
problem-country-unknown = 국가 또는 지역의 두 글자 코드를 입력해 주세요(예: KR)
problem-sms-code-malformed = 6자리 인증번호를 입력해 주세요
problem-sms-codes-differ = 서로 다른 인증번호가 두 개 있습니다. 하나만 남겨 주세요
problem-name-malformed = 2~32자의 문자, 숫자, _ - . 만 쓸 수 있으며, 숫자로만 이루어질 수 없습니다
problem-password-short = 비밀번호는 { $least }자 이상이어야 합니다
problem-password-plain = 영문 대문자·소문자·숫자·기호 중 3종류 이상을 사용해 주세요
problem-password-long = 비밀번호는 128자 이하여야 합니다
problem-password-common = 흔히 쓰여 추측하기 쉬운 비밀번호입니다. 다른 비밀번호를 사용해 주세요
problem-terms-not-accepted = 이용약관 및 개인정보 처리방침에 동의해 주세요
problem-password-personal = 휴대폰 번호나 사용자 이름과 같은 비밀번호는 쓸 수 없습니다. 다른 비밀번호를 사용해 주세요
problem-passwords-differ = 비밀번호가 서로 다릅니다. 다시 입력해 주세요

## 이전 프런트엔드의 말

dialect-done = 성공
dialect-sent = 전송했습니다
dialect-registered = 가입했습니다
dialect-store = 데이터베이스 오류
dialect-captcha-gone = 그림 인증문자가 만료되었습니다
dialect-captcha-wrong = 그림 인증문자가 다릅니다
dialect-captcha-needed = 너무 많이 실패했습니다. /login 페이지에서 그림 인증문자를 입력하고 로그인해 주세요
dialect-sms-code-gone = SMS 인증번호가 만료되었습니다
dialect-sms-code-wrong = SMS 인증번호가 다릅니다
dialect-mobile-taken = 이미 가입된 번호입니다
dialect-not-signed-in = 로그인하지 않았습니다
dialect-input = 매개변수 오류: { $detail }
dialect-field = “{ $field }”: { $problem }
dialect-field-captcha = 그림 인증문자
dialect-field-mobile = 휴대폰 번호
dialect-field-sms-code = SMS 인증번호
dialect-field-login = 휴대폰 번호
dialect-field-password = 비밀번호
dialect-wrong-login = 사용자 이름 또는 비밀번호가 올바르지 않습니다
dialect-sms-refused = 문자를 보내지 못했습니다

## 이 계정으로 로그인하는 앱

oauth-consent-title = { $client }에 로그인
oauth-consent-lead = { $mobile }(으)로 로그인되어 있습니다. { $client }에서 다음 정보를 요청합니다.
oauth-scope-id = 다음에도 회원님을 알아볼 수 있는 계정 ID
oauth-scope-profile = 사용자 이름과 사진
oauth-scope-phone = 휴대폰 번호
oauth-scope-offline = 위 정보의 변경 사항(로그아웃 상태 포함)
oauth-consent-host = 허용하면 { $host }(으)로 이동합니다. 허용은 계정 페이지에서 언제든지 취소할 수 있습니다
oauth-allow = 허용
oauth-decline = 취소
oauth-other-account = 다른 계정 사용
oauth-continue-title = 거의 다 됐습니다
oauth-continue-lead = 화면이 바뀌지 않으면 버튼을 눌러 주세요
oauth-logout-title = 로그아웃할까요?
oauth-logout-asked = { $client }에서 { $brand } 로그아웃을 요청합니다. 현재 계정: { $mobile }
oauth-logout-lead = { $brand }의 현재 계정: { $mobile }
applications-title = 연결된 앱
applications-lead = 이 계정으로 로그인한 앱입니다. 삭제하면 연결이 바로 끊기며, 나중에 다시 로그인할 수 있습니다
application-since = 연결: { $at }
application-knows-phone = 번호를 알 수 있음
application-remove = 삭제
notice-application-removed = 앱 연결을 끊었습니다
oauth-unknown-client = 등록되지 않은 앱이라 로그인할 수 없습니다. 앱으로 돌아가 관리자에게 알려 주세요
oauth-redirect-uri-refused = 앱의 돌아갈 주소가 등록되어 있지 않아 로그인할 수 없습니다. 앱으로 돌아가 관리자에게 알려 주세요
