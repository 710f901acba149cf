# Every sentence Haoma says to people. An error says what happened, then what to do next.

## On every page

development = Development: text messages are printed in the terminal running Haoma
page-description = Sign in or sign up to { $brand } with your mobile number.
languages = Languages
title-problem = Please check
show = Show
hide = Hide
close = Close
label-mobile = Mobile number
label-new-mobile = New mobile number
label-country = Country or region
label-password = Password
label-name = User name

## Sign up

register-title = Sign up
register-lead = Create an account with your mobile number.
register-submit = Sign up
register-have = Already have an account?
use-number = Sign in
signed-in-as = You’re signed in as { $mobile }
go-on = Continue
placeholder-mobile = Enter your number
label-captcha = Characters in the picture
captcha-title = Type what you see
hint-captcha = Not case-sensitive
captcha-picture = Picture of 4 characters
captcha-picture-harder = Picture of 6 characters
captcha-another = Try another picture
captcha-audio = The characters, spoken
captcha-listen = Listen instead
captcha-stop = Stop
captcha-unheard = Playback failed. Try another picture.
send-code = Text me a code
send-code-under-way = Sending…
send-code-again = Resend code
send-code-wait = Resend in { $seconds } s
send-code-ready = You can resend the code now
wait-and-reload = You can resend in { $seconds } s.
reload = Reload the page
wait-other = Wrong number? Correct it and send right away.
label-sms-code = 6-digit code
code-title = Enter the code
hint-sms-code = From the text message
hint-password-new = At least { $least } characters
hint-password-optional = Optional. At least { $least } characters
terms-accept = I agree to the { $terms } and the { $privacy }
terms-accept-one = I agree to the { $terms }
terms-name = Terms
terms-title = Before you go on
terms-agree = Agree and continue
terms-later = Not now
privacy-name = Privacy Policy
terms-and-privacy-name = Terms and Privacy Policy
hint-password-kinds = At least { $least } characters, with three of: lowercase, uppercase, digits, symbols
password-short = { $missing } more to go
password-weak = Weak: make it longer
password-fair = Good
password-strong = Strong
notice-sms-sent = Code sent to { $mobile }
other-number = Change
sms-missed = Didn’t get the code?
sms-missed-number = Check that the number is right and can receive messages.
sms-missed-blocked = Look among blocked messages. You can resend the code when the countdown ends.

## Sign in

login-title = Sign in
login-or-register-title = Sign in or sign up
login-or-register-lead = New here? We’ll create your account once your number is verified.
login-by-code-lead = Sign in with your number
login-new = New here?
forgot-password = Forgot password?
reset-title = Reset password
reset-lead = Verify your number to choose a new password. You’ll be signed out on all devices.
reset-submit = Reset password
notice-captcha-needed = Several sign-ins have failed. Please also type the characters in the picture.
notice-password-reset = Your password has been reset. Sign in with the new one.
register-proved = Your number is verified and has no account yet. Choose a password to finish.
login-by-password = Sign in with a password
login-by-code = Sign in with a code
remember = { $unit ->
    [minutes] { $count ->
        [one] Stay signed in for a minute
       *[other] Stay signed in for { $count } minutes
    }
    [hours] { $count ->
        [one] Stay signed in for an hour
       *[other] Stay signed in for { $count } hours
    }
   *[days] { $count ->
        [one] Stay signed in for a day
       *[other] Stay signed in for { $count } days
    }
  }
label-login = Mobile number or user name

## Account

account-title = Your account
account-more = More
change = Change
save = Save
sessions-title = Where you’re signed in
sessions-lead = These devices are signed in to your account. Sign one out to end its access right away.
session-current = This device
session-end = Sign out
sessions-end-others = Sign out everywhere else
session-unknown-device = Unknown device
session-last-seen = Last active { $at }
ago = { $unit ->
    [now] just now
    [minutes] { $count ->
        [one] a minute ago
       *[other] { $count } minutes ago
    }
    [hours] { $count ->
        [one] an hour ago
       *[other] { $count } hours ago
    }
   *[days] { $count ->
        [one] a day ago
       *[other] { $count } days ago
    }
  }
session-signed-in = Signed in { $at }
devices-title = Trusted devices
devices-lead = You’ve signed in on these devices before. You can still sign in on them when strangers keep trying your password or number. Removing one doesn’t sign it out; it just counts as new next time.
device-last-used = Last signed in { $at }
device-forget = Remove
name-title = Change name
name-lead = 2–32 letters, digits or _ - . You can also sign in with it.
set = Set
password-none = Not set
password-set = Set a password
password-set-lead = You can then sign in with it too.
password-title = Change password
password-lead = You’ll be signed out on all your other devices.
label-current-password = Current password
label-new-password = New password
mobile-title = Change number
mobile-lead = We’ll text a code to the new number. After that, use it to sign in. You’ll be signed out on all your other devices.
mobile-submit = Change number
delete-title = Delete account
delete-lead = Your account is deleted immediately and can’t be restored. We keep records of text messages for at least 6 months, as the law requires.
delete-confirm = I understand that my account will be deleted for good
delete-submit = Delete my account
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

## What was just done

notice-registered = Your account has been created.
notice-name-changed = Your user name has been changed.
notice-password-changed = Your password has been changed. All your other devices are signed out.
notice-password-set = Your password has been set.
notice-mobile-changed = Your number has been changed. All your other devices are signed out.
notice-session-ended = That device has been signed out.
notice-others-signed-out = All your other devices have been signed out.
notice-device-forgotten = That device has been removed.
notice-signed-out = You have signed out.
notice-account-deleted = Your account has been deleted.
notice-expired = Your session has expired. Please sign in again.
notice-ended = You were signed out on another device. Please sign in again.

## Message pages

heading-not-found = Page not found
heading-refused = We couldn’t do that
heading-unavailable = Not available right now
heading-internal = Something went wrong
try-again = Try again
request-id = Request { $id }
to-home = Go to the home page
to-account = Back to your account

## Success and errors

error-input = Please check what you entered.
error-unreadable = We couldn’t read this request. Check its format and try again.
error-too-large = This is too large. Shorten it and try again.
error-url-too-long = This address is too long. Check it and try again.
error-headers-too-large = Your browser sent too much data. Delete this site’s cookies and try again.
error-unsupported-type = This content type isn’t supported. Send application/json.
error-not-found = We couldn’t find what you’re looking for. Check the address or go to the home page.
error-method-not-allowed = That didn’t work. Go to the home page and try again.
error-cross-site = To keep your account safe, open this site directly and try again.
error-plain-http = Use https to reach this site. What you sent may have been read on the way: change your password soon.
error-unknown-host = This address isn’t one of this site’s. Check it and try again.
error-origin-missing = We couldn’t tell that this came from our own page. Open this site directly and try again, or use another browser.
error-captcha-gone = This picture has expired. Try a new one.
error-captcha-wrong = That didn’t match. Try a new picture.
proof-under-way = Running a security check…
error-proof-missing = One more check: type the six characters of a new picture.
error-proof-wrong = Security check failed. Please try again.
error-proof-expired = Security check failed. Please try again.
error-proof-used = Security check failed. Please try again.
error-proof-insufficient = Security check failed. Please try again.
error-sms-code-gone = This code no longer works. Please request a new one.
error-sms-code-wrong = { $tries ->
    [0] Too many wrong tries: this code no longer works. Please request a new one.
    [one] Wrong code. You have one try left.
   *[other] Wrong code. You have { $tries } tries left.
  }
error-mobile-taken = This number already has an account.
mobile-taken-by-another = This number belongs to another account. Use a different one.
error-own-mobile = This is already your number.
error-name-taken = This user name is taken. Choose another.
error-too-often-resend = { $seconds ->
    [one] Too many requests. Try again in a second.
   *[other] Too many requests. Try again in { $seconds } seconds.
  }
error-too-often-mobile = { $minutes ->
    [one] Too many codes for this number. Try again in a minute.
   *[other] Too many codes for this number. Try again in { $minutes } minutes.
  }
error-too-often-address = { $minutes ->
    [one] Too many requests from your network. Try again in a minute.
   *[other] Too many requests from your network. Try again in { $minutes } minutes.
  }
error-too-often-prefix = { $minutes ->
    [one] Many codes are being requested right now. Try again in a minute.
   *[other] Many codes are being requested right now. Try again in { $minutes } minutes.
  }
error-too-often-wrong-codes = { $minutes ->
    [one] Too many wrong codes. Try again in a minute.
   *[other] Too many wrong codes. Try again in { $minutes } minutes.
  }
error-not-signed-in = Please sign in first.
error-signed-in-elsewhere = Your account is signed in on too many devices, so this one was signed out. Please sign in again.
error-sign-up-closed = This site isn’t open to new accounts.
error-no-account = This number has no account yet. Choose a password to finish; the code is still good.
error-harder-captcha-needed = To continue, type the six characters of a new picture.
error-captcha-needed = One more check: type the characters of a picture.
error-too-often-sign-in = Too many failed attempts. Try again in { $minutes ->
        [one] one minute
       *[other] { $minutes } minutes
    }, or sign in by text message.
error-wrong-login = Wrong number, name or password.
error-wrong-password = Wrong password. Try again or reset it.
error-sign-in-again = To keep your account safe, please sign in again.
error-account-locked = This account is locked. Please contact support.
error-key-reused = This page is out of date. Reload it and try again.
error-key-in-flight = Your last request is still in progress. Try again in a moment.
error-busy = We’re busy right now. Try again in a few seconds.
error-sms-refused = We couldn’t send the text message. Please try again later.
error-sms-paused = { $minutes ->
    [one] Text messages aren’t available right now. Try again in a minute.
   *[other] Text messages aren’t available right now. Try again in { $minutes } minutes.
  }
error-sms-budget-spent = { $minutes ->
    [one] We can’t send text messages right now. Try again in a minute.
   *[other] We can’t send text messages right now. Try again in { $minutes } minutes.
  }
error-sms-sign-in-closed = Sign-in by text message is off for this account after too many wrong codes. Sign in with your password or in a browser you have used before, or contact support.
error-password-sign-in-closed = Too many wrong passwords. Sign in with a code by text message, or in a browser you have used before.
error-sms-bad-number = We couldn’t send to this number. Please check it.
error-store = Something isn’t working on our side. Try again in a moment.
error-internal = Something went wrong on our side. Please try again later.
error-network = We couldn’t reach the server. Check your connection and try again.

## In JSON answers, where the sentence of the pages would make no sense

json-not-found = There is nothing at this address.
json-method-not-allowed = This address doesn’t take requests of this kind.
json-cross-site = Requests from other sites are refused.
json-headers-too-large = The headers of this request are too large.
json-origin-missing = This request doesn’t say which site it comes from.
json-key-reused = This Idempotency-Key was used for another request. Use a new one.

## Beside a field

problem-missing = Please fill this in.
problem-missing-mobile = Enter your mobile number.
problem-missing-login = Enter your mobile number or user name.
problem-missing-captcha = Enter the characters.
problem-missing-sms-code = Enter the code.
problem-missing-password = Enter your password.
problem-missing-new-password = Enter a password.
problem-missing-name = Enter a user name.
problem-missing-confirm = Tick the box to confirm.
problem-malformed = This isn’t in the right format. Please check it.
problem-not-text = This must be text, in quotes.
problem-not-boolean = This must be true or false, without quotes.
problem-too-long = This is too long. Please shorten it.
problem-repeated = This was given more than once. Give it once.
problem-unknown = There is no such field. Leave it out.
problem-mobile-malformed = Enter a valid mobile number.
problem-mobile-malformed-in = Enter a valid mobile number, like { $example }.
problem-country-not-served = We can’t send messages to this country or region yet: { $country }.
problem-country-unknown = Use the two-letter code of a country or region, like CN.
problem-sms-code-malformed = Enter the 6-digit code.
problem-sms-codes-differ = This text has two different codes. Keep only one.
problem-name-malformed = Use 2–32 letters, digits or _ - . and not only digits.
problem-password-short = Use at least { $least } characters.
problem-password-plain = Use at least three of: lowercase, uppercase, digits, symbols.
problem-password-long = Use at most 128 characters.
problem-password-common = This password is too common and easy to guess. Choose another.
problem-terms-not-accepted = Please agree to the Terms and the Privacy Policy.
problem-password-personal = Your password can’t be your number or name. Choose another.
problem-passwords-differ = The two passwords don’t match. Type them again.

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

## Applications that people sign in to with their account

oauth-consent-title = Sign in to { $client }
oauth-consent-lead = You’re signed in as { $mobile }. { $client } would like to know:
oauth-scope-id = that it’s you, each time you come back
oauth-scope-profile = your user name and picture
oauth-scope-phone = your mobile number
oauth-scope-offline = when you change any of this, even while you’re signed out
oauth-consent-host = You’ll continue to { $host }. You can remove its access at any time in your account.
oauth-allow = Allow
oauth-decline = Cancel
oauth-other-account = Use another account
oauth-continue-title = Almost there
oauth-continue-lead = If nothing happens, press the button.
oauth-logout-title = Sign out?
oauth-logout-asked = { $client } asks to sign you out of { $brand }, where you’re signed in as { $mobile }.
oauth-logout-lead = You’re signed in to { $brand } as { $mobile }.
applications-title = Applications
applications-lead = You’ve signed in to these with your account. Removing one ends its access; you can sign in to it again later.
application-since = Since { $at }
application-knows-phone = knows your number
application-remove = Remove
notice-application-removed = That application no longer has access.
oauth-unknown-client = The application that sent you here isn’t registered. Go back to it, and tell whoever runs it.
oauth-redirect-uri-refused = The application that sent you here gave a return address that isn’t registered. Go back to it, and tell whoever runs it.
