# Haoma が人に伝えるすべての文。エラーは、何が起きたか、次にどうすればよいかの順に書く。

## 全ページ共通

development = 開発モード：SMSはHaomaを実行中の端末に表示されます
page-description = 携帯電話番号で{ $brand }にログイン・新規登録
languages = 言語
title-problem = ご確認ください
show = 表示
hide = 隠す
close = 閉じる
label-mobile = 携帯電話番号
label-new-mobile = 新しい携帯電話番号
label-country = 国・地域
label-password = パスワード
label-name = ユーザー名

## 新規登録

register-title = 新規登録
register-lead = 携帯電話番号でアカウントを作成します
register-submit = 登録する
register-have = アカウントをお持ちの方は
use-number = ログインする
signed-in-as = { $mobile }でログイン中です
go-on = 続ける
placeholder-mobile = 携帯電話番号を入力
label-captcha = 画像の文字
captcha-title = 画像の文字を入力してください
hint-captcha = 大文字・小文字は区別しません
captcha-picture = 4文字の確認用画像
captcha-picture-harder = 6文字の確認用画像
captcha-another = 別の画像を表示
captcha-audio = 画像の文字の音声
captcha-listen = 音声で聞く
captcha-stop = 停止
captcha-unheard = 再生できませんでした。別の画像でお試しください
send-code = 認証コードを送信
send-code-under-way = 送信中…
send-code-again = 再送信
send-code-wait = { $seconds }秒後に再送信できます
send-code-ready = 認証コードを再送信できます
wait-and-reload = { $seconds }秒後に再送信できます。
reload = 再読み込み
wait-other = 番号を間違えた場合は、修正するとすぐに送信できます
label-sms-code = 認証コード
code-title = 認証コードを入力
hint-sms-code = SMSで届いた6桁の数字
hint-password-new = { $least }文字以上
hint-password-optional = 任意・{ $least }文字以上
terms-accept = { $terms }と{ $privacy }に同意
terms-accept-one = { $terms }に同意
terms-name = 利用規約
terms-title = 続けるには同意が必要です
terms-agree = 同意して続ける
terms-later = あとで
privacy-name = プライバシーポリシー
terms-and-privacy-name = 利用規約とプライバシーポリシー
hint-password-kinds = { $least }文字以上。英大文字・英小文字・数字・記号のうち3種類以上
password-short = あと{ $missing }文字
password-weak = 強度：弱い（もう少し長くしてください）
password-fair = 強度：普通
password-strong = 強度：強い
notice-sms-sent = { $mobile }に送信しました
other-number = 変更
sms-missed = 認証コードが届かない場合
sms-missed-number = 番号が正しいこと、SMSを受信できることをご確認ください
sms-missed-blocked = 迷惑メッセージに入っていないかご確認ください。時間が過ぎると再送信できます

## ログイン

login-title = ログイン
login-or-register-title = ログイン・新規登録
login-or-register-lead = 初めての方は番号の確認で登録されます
login-by-code-lead = 携帯電話番号を入力してください
login-new = アカウントをお持ちでない方は
forgot-password = パスワードを忘れた場合
reset-title = パスワードの再設定
reset-lead = 番号を確認し、新しいパスワードを設定します。すべての端末からログアウトされます
reset-submit = 再設定する
notice-captcha-needed = ログインに何度か失敗しています。画像の文字も入力してください
notice-password-reset = 再設定しました。新しいパスワードでログインしてください
register-proved = 番号を確認しました。まだ登録されていないため、パスワードを設定すると登録が完了します
login-by-password = パスワードでログイン
login-by-code = SMSでログイン
remember = { $unit ->
    [minutes] { $count }分間ログインしたままにする
    [hours] { $count }時間ログインしたままにする
   *[days] { $count }日間ログインしたままにする
  }
label-login = 携帯電話番号またはユーザー名

## アカウント

account-title = マイアカウント
account-more = その他
change = 変更
save = 保存
sessions-title = ログイン中の端末
sessions-lead = アカウントにログインしている端末です。ログアウトすると、すぐに利用できなくなります
session-current = この端末
session-end = ログアウト
sessions-end-others = 他のすべての端末からログアウト
session-unknown-device = 不明な端末
session-last-seen = 最終利用：{ $at }
ago = { $unit ->
    [now] たった今
    [minutes] { $count }分前
    [hours] { $count }時間前
   *[days] { $count }日前
  }
session-signed-in = ログイン：{ $at }
devices-title = 信頼済みの端末
devices-lead = 以前にログインした端末です。第三者がパスワードや番号を繰り返し試しても、これらの端末からはログインできます。削除してもログアウトされません。次のログイン時に新しい端末として扱われます
device-last-used = 最終ログイン：{ $at }
device-forget = 削除
name-title = ユーザー名の変更
name-lead = 2～32文字。文字、数字、_ - . が使えます。ログインにも使用できます
set = 設定
password-none = 未設定
password-set = パスワードの設定
password-set-lead = 設定すると、パスワードでもログインできます
password-title = パスワードの変更
password-lead = 変更すると、他のすべての端末からログアウトされます
label-current-password = 現在のパスワード
label-new-password = 新しいパスワード
mobile-title = 携帯電話番号の変更
mobile-lead = 新しい番号に認証コードを送信します。変更後は新しい番号でログインしてください。他のすべての端末からログアウトされます
mobile-submit = 変更する
delete-title = アカウントの削除
delete-lead = アカウントはただちに削除され、元に戻せません。SMSの送信記録は法令により6か月以上保管されます
delete-submit = 削除する
delete-confirm = 元に戻せないことを理解しました
label-created-at = 登録日
logout = ログアウト

## 端末

device-wechat = WeChat
device-wecom = WeCom
device-qq = QQ
device-qq-browser = QQ Browser
device-uc = UC Browser
device-quark = Quark
device-miui = Mi Browser
device-huawei = HUAWEI Browser
device-honor = HONOR Browser
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
device-xiaohongshu = RED
device-harmonyos = HarmonyOS
device-browser = ブラウザ
device-webview = アプリ内ブラウザ

## 完了のお知らせ

notice-registered = アカウントを作成しました
notice-name-changed = ユーザー名を変更しました
notice-password-changed = パスワードを変更しました。他の端末からログアウトしました
notice-password-set = パスワードを設定しました
notice-mobile-changed = 携帯電話番号を変更しました。他の端末からログアウトしました
notice-session-ended = その端末からログアウトしました
notice-others-signed-out = 他のすべての端末からログアウトしました
notice-device-forgotten = その端末を削除しました
notice-signed-out = ログアウトしました
notice-account-deleted = アカウントを削除しました
notice-expired = ログインの有効期限が切れました。もう一度ログインしてください
notice-ended = 他の端末の操作によりログアウトしました。もう一度ログインしてください

## メッセージページ

heading-not-found = ページが見つかりません
heading-refused = 操作を完了できませんでした
heading-unavailable = 現在ご利用いただけません
heading-internal = エラーが発生しました
try-again = もう一度試す
request-id = リクエスト番号{ $id }
to-home = ホームへ
to-account = マイアカウントへ

## 成功とエラー

error-input = 入力内容をご確認ください
error-unreadable = 送信内容を読み取れませんでした。形式を確認してもう一度お試しください
error-too-large = 送信内容が大きすぎます。短くしてもう一度お試しください
error-url-too-long = URLが長すぎます。確認してもう一度お試しください
error-headers-too-large = ブラウザから送られたデータが多すぎます。このサイトのCookieを削除してもう一度お試しください
error-unsupported-type = このContent-Typeには対応していません。application/jsonで送信してください
error-not-found = お探しのものが見つかりません。URLを確認するか、ホームへお戻りください
error-method-not-allowed = この操作は行えません。ホームに戻ってもう一度お試しください
error-cross-site = アカウントを守るため、このサイトを直接開いて操作してください
error-plain-http = httpsでこのサイトを開いてください。送信した内容が盗み見られた可能性があります。早めにパスワードを変更してください
error-unknown-host = このURLは当サイトのものではありません。確認してもう一度お試しください
error-origin-missing = このサイトからの操作か確認できませんでした。サイトを直接開くか、別のブラウザでお試しください
error-captcha-gone = 画像の有効期限が切れました。新しい画像の文字を入力してください
error-captcha-wrong = 文字が一致しません。新しい画像の文字を入力してください
proof-under-way = 安全を確認しています…
error-proof-missing = 安全の確認のため、新しい画像の6文字を入力してください
error-proof-wrong = 安全の確認に失敗しました。もう一度お試しください
error-proof-expired = 安全の確認に失敗しました。もう一度お試しください
error-proof-used = 安全の確認に失敗しました。もう一度お試しください
error-proof-insufficient = 安全の確認に失敗しました。もう一度お試しください
error-sms-code-gone = この認証コードは無効です。新しいコードを送信してください
error-sms-code-wrong = { $tries ->
    [0] 間違いが続いたため、この認証コードは無効になりました。新しいコードを送信してください
   *[other] 認証コードが違います。あと{ $tries }回入力できます
  }
error-mobile-taken = この番号は登録済みです
mobile-taken-by-another = この番号は別のアカウントで使われています。別の番号を入力してください
error-own-mobile = すでにお使いの番号です
error-name-taken = このユーザー名は使われています。別の名前にしてください
error-too-often-resend = 操作が多すぎます。{ $seconds }秒後にもう一度お試しください
error-too-often-mobile = この番号への送信回数が多すぎます。{ $minutes }分後にもう一度お試しください
error-too-often-address = お使いのネットワークからの操作が多すぎます。{ $minutes }分後にもう一度お試しください
error-too-often-prefix = 送信が混み合っています。{ $minutes }分後にもう一度お試しください
error-too-often-wrong-codes = 認証コードの間違いが多すぎます。{ $minutes }分後にもう一度お試しください
error-not-signed-in = ログインしてください
error-signed-in-elsewhere = ログイン中の端末が多すぎるため、この端末からログアウトしました。もう一度ログインしてください
error-sign-up-closed = 現在、新規登録は受け付けていません
error-no-account = この番号はまだ登録されていません。パスワードを設定すると登録が完了します。認証コードはそのまま使えます
error-harder-captcha-needed = 続けるには、新しい画像の6文字を入力してください
error-captcha-needed = 安全の確認のため、画像の文字を入力してください
error-too-often-sign-in = ログインの失敗が多すぎます。{ $minutes }分後にもう一度試すか、SMSでログインしてください
error-wrong-login = アカウントまたはパスワードが違います
error-wrong-password = 現在のパスワードが違います。もう一度入力するか、再設定してください
error-sign-in-again = アカウントを守るため、もう一度ログインしてください
error-account-locked = このアカウントはロックされています。サポートにお問い合わせください
error-key-reused = ページの有効期限が切れました。再読み込みしてもう一度送信してください
error-key-in-flight = 前回の送信を処理しています。しばらくしてからお試しください
error-busy = アクセスが混み合っています。しばらくしてからお試しください
error-sms-refused = SMSを送信できませんでした。しばらくしてからお試しください
error-sms-paused = 現在SMSを送信できません。{ $minutes }分後にもう一度お試しください
error-sms-budget-spent = SMSの送信が混み合っています。{ $minutes }分後にもう一度お試しください
error-sms-sign-in-closed = 認証コードの間違いが多すぎるため、SMSでのログインを停止しました。パスワードか、以前ログインしたブラウザでログインしてください。ログインできない場合はサポートにお問い合わせください
error-password-sign-in-closed = パスワードの間違いが多すぎるため、新しい端末ではパスワードでログインできません。SMSか、以前ログインしたブラウザでログインしてください
error-sms-bad-number = 送信できませんでした。番号が正しいかご確認ください
error-store = システムが混み合っています。しばらくしてからお試しください
error-internal = システムエラーが発生しました。しばらくしてからお試しください
error-network = 接続できませんでした。通信環境を確認してもう一度お試しください

## JSON の回答で、ページの文では意味が通らないもの

json-not-found = お探しのものが見つかりません
json-method-not-allowed = この URL はこの種類のリクエストに対応していません
json-cross-site = 他のサイトからのリクエストは受け付けていません
json-headers-too-large = リクエストヘッダーが大きすぎます
json-origin-missing = どのサイトからのリクエストか示されていません
json-key-reused = この Idempotency-Key は別のリクエストで使用済みです。新しいものを使ってください

## 項目ごとの案内

problem-missing = 入力してください
problem-missing-mobile = 携帯電話番号を入力してください
problem-missing-login = 携帯電話番号またはユーザー名を入力してください
problem-missing-captcha = 画像の文字を入力してください
problem-missing-sms-code = 認証コードを入力してください
problem-missing-password = パスワードを入力してください
problem-missing-new-password = パスワードを設定してください
problem-missing-name = ユーザー名を入力してください
problem-missing-confirm = チェックを入れてください
problem-malformed = 形式が正しくありません
problem-not-text = 文字列で指定してください（引用符が必要です）
problem-not-boolean = trueまたはfalseで指定してください（引用符は不要です）
problem-too-long = 長すぎます。短くしてください
problem-repeated = 複数回指定されています。1回だけ指定してください
problem-unknown = この項目はありません。取り除いてください
problem-mobile-malformed = 正しい携帯電話番号を入力してください
problem-mobile-malformed-in = 正しい携帯電話番号を入力してください（例：{ $example }）
problem-country-not-served = この国・地域の番号にはまだ対応していません：{ $country }
problem-country-unknown = 国・地域の2文字のコードを指定してください（例：JP）
problem-sms-code-malformed = 6桁の認証コードを入力してください
problem-sms-codes-differ = 異なる認証コードが2つあります。1つだけ入力してください
problem-name-malformed = 2～32文字。文字、数字、_ - . が使えます。数字だけにはできません
problem-password-short = パスワードは{ $least }文字以上にしてください
problem-password-plain = 英大文字・英小文字・数字・記号のうち3種類以上を使ってください
problem-password-long = パスワードは128文字以内にしてください
problem-password-common = よく使われるパスワードで、推測されやすくなっています。別のものにしてください
problem-terms-not-accepted = 利用規約とプライバシーポリシーに同意してください
problem-password-personal = 携帯電話番号やユーザー名と同じパスワードは使えません。別のものにしてください
problem-passwords-differ = パスワードが一致しません。もう一度入力してください

## 以前のフロントエンドの言葉で

dialect-done = 成功
dialect-sent = 送信しました
dialect-registered = 登録しました
dialect-store = データベースエラー
dialect-captcha-gone = 画像認証コードの有効期限が切れています
dialect-captcha-wrong = 画像認証コードが違います
dialect-captcha-needed = 失敗が多すぎます。/loginのページで画像認証コードを入力してログインしてください
dialect-sms-code-gone = SMS認証コードの有効期限が切れています
dialect-sms-code-wrong = SMS認証コードが違います
dialect-mobile-taken = この番号は登録済みです
dialect-not-signed-in = ログインしていません
dialect-input = パラメータエラー：{ $detail }
dialect-field = 「{ $field }」{ $problem }
dialect-field-captcha = 画像認証コード
dialect-field-mobile = 携帯電話番号
dialect-field-sms-code = SMS認証コード
dialect-field-login = 携帯電話番号
dialect-field-password = パスワード
dialect-wrong-login = ユーザー名またはパスワードが違います
dialect-sms-refused = SMSを送信できませんでした

## このアカウントでログインするアプリ

oauth-consent-title = { $client } にログイン
oauth-consent-lead = { $mobile } でログイン中です。{ $client } が次の情報を求めています：
oauth-scope-id = 次回以降もあなただとわかるアカウントID
oauth-scope-profile = ユーザー名と画像
oauth-scope-phone = 携帯電話番号
oauth-scope-offline = これらの情報の更新（ログアウト中も含む）
oauth-consent-host = 許可すると { $host } に移動します。許可はアカウントのページでいつでも取り消せます
oauth-allow = 許可する
oauth-decline = キャンセル
oauth-other-account = 別のアカウントを使う
oauth-continue-title = まもなく完了します
oauth-continue-lead = 画面が切り替わらない場合は、ボタンを押してください
oauth-logout-title = ログアウトしますか？
oauth-logout-asked = { $client } が { $brand } からのログアウトを求めています（{ $mobile } でログイン中）
oauth-logout-lead = { $brand } に { $mobile } でログイン中です
applications-title = 連携中のアプリ
applications-lead = このアカウントでログインしたアプリです。削除すると連携がすぐに解除されます。あとでもう一度ログインできます
application-since = 連携開始：{ $at }
application-knows-phone = 電話番号を取得可能
application-remove = 削除
notice-application-removed = アプリの連携を解除しました
oauth-unknown-client = このアプリは登録されていないため、ログインできません。アプリに戻り、管理者に連絡してください
oauth-redirect-uri-refused = このアプリの戻り先が登録されていないため、ログインできません。アプリに戻り、管理者に連絡してください
