# Every sentence Haoma says to people. An error says what happened, then what to do next.

## On every page

development = Development: text messages are printed in the terminal running Haoma
languages = Languages
title-problem = Error
show = Show
hide = Hide
label-mobile = Mobile number
label-password = Password
label-name = User name

## Sign up

register-title = Sign up
register-lead = All it takes is one text message.
register-submit = Sign up
register-have = Already have an account?
hint-mobile = Mainland China, 11 digits
label-captcha = Characters
hint-captcha = Any case
hint-captcha-later = To ask again
captcha-picture = Picture code: four characters
captcha-picture-harder = Picture code: six characters
captcha-another = Another picture
captcha-audio = The characters, said aloud
captcha-listen = Listen
captcha-stop = Stop
captcha-unheard = The characters could not be played. Please ask for another picture.
send-code = Text me a code
send-code-under-way = Sending…
send-code-again = Text me the code again
send-code-wait = Ask again in { $seconds } s
send-code-ready = You can ask for a code again now
wait-and-reload = After { $seconds } s you can ask again:
reload = reload
wait-other = Another number need not wait:
label-sms-code = Code from the text message
hint-sms-code = The 6 digits we texted you
hint-password-new = At least { $least } characters
terms-accept = I have read and accept the terms and the privacy policy.
terms-read = Read them
hint-password-kinds = At least { $least } characters of three kinds: small letters, capitals, digits, others
password-short = Too short: { $missing } more to go
password-weak = Easy to guess; longer is better
password-fair = Fair
password-strong = Strong
notice-sms-sent = We texted a code to { $mobile }
other-number = Use another number
sms-missed = Nothing arrived? Check the number or ask again.
sms-missed-password = Sign in with a password

## Sign in

login-title = Sign in
login-lead = Welcome back.
login-new = New here?
reset-title = Reset password
reset-lead = Get a code by text message and choose a new password. Every signed-in device is signed out.
reset-submit = Set new password
notice-password-reset = Your password has been changed. Please sign in with the new one.
register-proved = { $mobile } is verified and has no account yet. Choose a password to finish.
login-ways = Ways to sign in
login-by-password = Password
login-by-code = Text message
remember = Stay signed in (30 days)
label-login = Mobile number or user name

## Account

account-title = Your account
account-lead = You are signed in.
change = Change
save = Save
sessions-title = Where you are signed in
session-current = This device
session-end = Sign out this device
sessions-end-others = Sign out everywhere else
session-unknown-device = Unknown device
session-last-seen = last used { $at }
session-signed-in = signed in { $at }
devices-title = Devices that you trust
devices-lead = They signed in to your account before. They still get in when strangers try your password or your number; they are not signed in by that.
device-last-used = last signed in { $at }
device-forget = Remove
name-title = Change name
name-lead = 2 to 32 letters, digits, or _ - . — you can sign in with it too.
password-title = Change password
password-lead = Every other device is signed out.
label-current-password = Current password
label-new-password = New password
mobile-title = Change number
mobile-lead = The new number gets a text message. From then on you sign in with it, and every other device is signed out.
delete-title = Delete account
delete-lead = The account and its sign-ins are gone at once and for good. Records of text messages are kept for at least 6 months, as the law asks.
delete-submit = Delete for good
label-created-at = Member since
logout = Sign out

## Devices

device-wechat = WeChat
device-wecom = WeCom
device-qq = QQ
device-qq-browser = QQ Browser
device-uc = UC Browser
device-quark = Quark
device-miui = Mi Browser
device-huawei = Huawei Browser
device-honor = Honor Browser
device-vivo = vivo Browser
device-oppo = OPPO Browser
device-samsung = Samsung Internet
device-baidu = Baidu
device-360 = 360 Browser
device-sogou = Sogou Browser
device-alipay = Alipay
device-dingtalk = DingTalk
device-feishu = Lark
device-weibo = Weibo
device-douyin = Douyin
device-xiaohongshu = RedNote
device-harmonyos = HarmonyOS
device-browser = Browser
device-webview = In-app browser

## Message pages

heading-not-found = Page not found
heading-refused = Request refused
heading-unavailable = Not available now
heading-internal = Something went wrong
retry-after = { $seconds ->
    [one] Please try again in a second.
   *[other] Please try again in { $seconds } seconds.
  }
try-again = Try again
request-id = Request { $id }
to-home = Go to the start page
to-account = Go to your account

## Success and errors

error-input = Something is not right. Please check what is marked.
error-unreadable = We could not read this request. Please check its format and try again.
error-too-large = This is too large. Please shorten it and try again.
error-url-too-long = This address is too long. Please check it and try again.
error-headers-too-large = Your browser sent too much. Please delete this site’s cookies and try again.
error-unsupported-type = This content type is not supported. Please send application/json.
error-not-found = What you are looking for is not here. Please check the address or go to the start page.
error-method-not-allowed = This address does not take such requests. Please go to the start page and begin again.
error-cross-site = This request came from another site and was refused. Please open this site directly and try again.
error-plain-http = This service is reached by https only. What you sent may have been read on the way.
error-unknown-host = This address is not one of this site’s. Please check the address and try again.
error-origin-missing = We could not tell that this request came from our own page, so it was refused. Please use our page, or another browser.
error-captcha-gone = This picture has expired. Please type the characters in the new one.
error-captcha-wrong = That is not what the picture said. Please type the characters in the new picture.
proof-under-way = Checking that this is not an automated request. This takes a few seconds.
error-proof-missing = To show that you are a person, please type these six characters.
error-proof-wrong = The computation that goes with this request is not right. Please try again.
error-proof-expired = The computation that goes with this request is too old. Please try again.
error-proof-used = The computation that goes with this request was used before. Please try again.
error-proof-insufficient = The computation that goes with this request is no longer long enough. Please try again.
error-sms-code-gone = This code has expired. Please ask for another.
error-sms-code-wrong = { $tries ->
    [0] Too many wrong tries: this code no longer works. Please ask for another.
    [one] This code is wrong. You have one try left.
   *[other] This code is wrong. You have { $tries } tries left.
  }
error-mobile-taken = This number already has an account. Please sign in, or use another number.
error-own-mobile = This is your number already. There is nothing to change.
error-name-taken = This user name is taken. Please choose another.
error-too-often-resend = { $seconds ->
    [one] A code was just sent. You can ask again in a second.
   *[other] A code was just sent. You can ask again in { $seconds } seconds.
  }
error-too-often-mobile = { $minutes ->
    [one] Too many messages went to this number. Please try again in a minute.
   *[other] Too many messages went to this number. Please try again in { $minutes } minutes.
  }
error-too-often-address = { $minutes ->
    [one] Too many requests from your network. Please try again in a minute.
   *[other] Too many requests from your network. Please try again in { $minutes } minutes.
  }
error-too-often-prefix = { $minutes ->
    [one] Too many messages to such numbers. Please try again in a minute.
   *[other] Too many messages to such numbers. Please try again in { $minutes } minutes.
  }
error-too-often-wrong-codes = { $minutes ->
    [one] Too many wrong codes. Please try again in a minute.
   *[other] Too many wrong codes. Please try again in { $minutes } minutes.
  }
error-not-signed-in = You are not signed in. Please sign in first.
error-signed-in-elsewhere = Your account was signed in to on too many devices, so this one was signed out. Please sign in again.
error-no-account = This number has no account yet. Choose a password to register; the code you typed stays good.
error-harder-captcha-needed = To go on, please type the six characters in this picture.
error-captcha-needed = One more check: please type the characters in this picture too.
error-too-often-sign-in = Too many failed attempts. Please try again in { $minutes ->
        [one] one minute
       *[other] { $minutes } minutes
    }, or sign in by text message.
error-wrong-login = Wrong user name or password. Please check both and try again.
error-wrong-password = The current password is not right. Please type it again, or reset it.
error-sign-in-again = You signed in a while ago. Please sign in again to make this change.
error-account-locked = This account is locked. Please contact whoever runs this site.
error-key-reused = This was sent before with other contents. Please check the form and send it again.
error-key-in-flight = Your request is still being worked on. Please try again in a moment.
error-busy = Many people are here right now. Please try again in a few seconds.
error-sms-refused = The message could not be sent. Please try again later.
error-sms-paused = { $minutes ->
    [one] We cannot send text messages now. Please try again in a minute.
   *[other] We cannot send text messages now. Please try again in { $minutes } minutes.
  }
error-sms-budget-spent = { $minutes ->
    [one] We can send no more messages now. Please try again in a minute.
   *[other] We can send no more messages now. Please try again in { $minutes } minutes.
  }
error-sms-sign-in-closed = After too many wrong codes this account is closed to text messages. Please sign in with the password, or contact whoever runs this site.
error-password-sign-in-closed = Too many wrong passwords were tried for this name or number. Please sign in with a code by text message, or in a browser that you have used before.
error-sms-bad-number = This number cannot receive our message. Please check it.
error-store = Our database is not answering. Please try again in a while.
error-internal = Something went wrong on our side. Please try again later.
error-network = We could not reach the server. Please check your connection and try again.

## Beside a field

problem-missing = Please fill this in.
problem-malformed = This is not in the right form. Please check it.
problem-not-text = This must be a text, in quotes.
problem-not-boolean = This must be true or false, without quotes.
problem-too-long = This is too long. Please shorten it.
problem-repeated = This was given more than once. Please give it once.
problem-unknown = There is no such field. Please leave it out.
problem-mobile-malformed = Please give a mobile number: 11 digits beginning with 1.
problem-sms-code-malformed = Please type the 6 digits we texted you.
problem-sms-codes-differ = There are two different codes in this text. Please type only one of them.
problem-name-malformed = Please use 2–32 letters, digits or _ - . and not only digits.
problem-password-short = This password is too short. Please use at least { $least } characters.
problem-password-plain = Too plain: please use three of small letters, capitals, digits and others.
problem-password-long = This password is too long. Please use at most 128 characters.
problem-password-common = This password is too common and easy to guess. Please choose another.
problem-terms-not-accepted = Please read the terms and accept them.
problem-password-personal = Your password cannot be your number or name. Please choose another.
problem-passwords-differ = The two passwords are not the same. Please type them again.

## In the words of older front-ends

dialect-done = OK
dialect-sent = Sent
dialect-registered = Registered
dialect-store = Database error
dialect-captcha-gone = The picture code has expired
dialect-captcha-wrong = The picture code is wrong
dialect-captcha-needed = Too many failures: please sign in at /login, with a picture code
dialect-sms-code-gone = The SMS code has expired
dialect-sms-code-wrong = The SMS code is wrong
dialect-mobile-taken = The number is registered already
dialect-not-signed-in = Not signed in
dialect-input = Bad parameters: { $detail }
dialect-field = “{ $field }”: { $problem }
dialect-field-captcha = Picture code
dialect-field-mobile = Mobile number
dialect-field-sms-code = SMS code
dialect-field-login = Mobile number
dialect-field-password = Password
dialect-wrong-login = Wrong user name or password
dialect-sms-refused = The text message could not be sent
