# Haoma 對人說的每一句話。錯誤先說發生了什麼，再說接下來怎麼辦。

## 各頁共用

development = 開發模式：簡訊會顯示在執行 Haoma 的終端機
page-description = 用手機號碼登入或註冊 { $brand }
languages = 語言
title-problem = 請檢查
show = 顯示
hide = 隱藏
close = 關閉
label-mobile = 手機號碼
label-new-mobile = 新手機號碼
label-country = 國家或地區
label-password = 密碼
label-name = 使用者名稱

## 註冊

register-title = 註冊
register-lead = 用手機號碼註冊
register-submit = 註冊
register-have = 已經有帳號？
use-number = 用這個號碼登入
signed-in-as = 您已登入 { $mobile }
go-on = 繼續
placeholder-mobile = 請輸入手機號碼
label-captcha = 圖形驗證碼
captcha-title = 請輸入圖中的字元
hint-captcha = 不分大小寫
captcha-picture = 圖形驗證碼，4 個字元
captcha-picture-harder = 圖形驗證碼，6 個字元
captcha-another = 看不清楚？換一張
captcha-audio = 圖形驗證碼語音
captcha-listen = 聽驗證碼
captcha-stop = 停止播放
captcha-unheard = 無法播放，請換一張再試
send-code = 取得驗證碼
send-code-under-way = 傳送中…
send-code-again = 重新傳送
send-code-wait = { $seconds } 秒後可重新傳送
send-code-ready = 現在可以重新傳送驗證碼
wait-and-reload = { $seconds } 秒後可重新傳送。
reload = 重新整理
wait-other = 號碼輸入錯誤？修改後可立即
label-sms-code = 簡訊驗證碼
code-title = 輸入驗證碼
hint-sms-code = 請輸入 6 位數驗證碼
hint-password-new = 至少 { $least } 個字元
hint-password-optional = 選填，至少 { $least } 個字元
terms-accept = 我已閱讀並同意{ $terms }與{ $privacy }
terms-accept-one = 我已閱讀並同意{ $terms }
terms-name = 服務條款
terms-title = 請先閱讀並同意
terms-agree = 同意並繼續
terms-later = 稍後再說
privacy-name = 隱私權政策
terms-and-privacy-name = 服務條款與隱私權政策
hint-password-kinds = 至少 { $least } 個字元，須包含大寫字母、小寫字母、數字、符號其中三種
password-short = 還差 { $missing } 個字元
password-weak = 密碼強度：弱（建議再長一些）
password-fair = 密碼強度：中
password-strong = 密碼強度：強
notice-sms-sent = 驗證碼已傳送至 { $mobile }
other-number = 修改
sms-missed = 沒收到驗證碼？
sms-missed-number = 請確認手機號碼正確，且門號可正常收訊
sms-missed-blocked = 請查看簡訊是否遭到攔截，倒數結束後可重新傳送

## 登入

login-title = 登入
login-or-register-title = 登入／註冊
login-or-register-lead = 尚未註冊的號碼，驗證後會自動建立帳號
login-by-code-lead = 請輸入手機號碼
login-new = 還沒有帳號？
forgot-password = 忘記密碼？
reset-title = 重設密碼
reset-lead = 驗證手機號碼後即可設定新密碼，所有裝置都會登出
reset-submit = 重設密碼
notice-captcha-needed = 登入失敗多次，請輸入圖形驗證碼
notice-password-reset = 密碼已重設，請用新密碼登入
register-proved = 手機號碼已驗證。這個號碼尚未註冊，設定密碼即可完成註冊
login-by-password = 密碼登入
login-by-code = 驗證碼登入
remember = { $unit ->
    [minutes] { $count } 分鐘內保持登入
    [hours] { $count } 小時內保持登入
   *[days] { $count } 天內保持登入
  }
label-login = 手機號碼或使用者名稱

## 帳號

account-title = 我的帳號
account-more = 更多
change = 變更
save = 儲存
sessions-title = 登入中的裝置
sessions-lead = 以下裝置已登入您的帳號，登出後需重新登入
session-current = 這部裝置
session-end = 登出
sessions-end-others = 登出其他所有裝置
session-unknown-device = 未知的裝置
session-last-seen = 最近活動：{ $at }
ago = { $unit ->
    [now] 剛剛
    [minutes] { $count } 分鐘前
    [hours] { $count } 小時前
   *[days] { $count } 天前
  }
session-signed-in = { $at }登入
devices-title = 信任的裝置
devices-lead = 您曾在這些裝置上登入。即使有人不斷嘗試您的密碼或號碼，您仍可在這些裝置上登入。移除不會登出，下次登入時視為新裝置
device-last-used = 最近登入：{ $at }
device-forget = 移除
name-title = 變更使用者名稱
name-lead = 2–32 個字元，可用中英文、數字和 _ - .，也可用於登入
set = 設定
password-none = 未設定
password-set = 設定密碼
password-set-lead = 設定後，也可以用密碼登入
password-title = 變更密碼
password-lead = 變更後，其他裝置都會登出
label-current-password = 目前的密碼
label-new-password = 新密碼
mobile-title = 變更手機號碼
mobile-lead = 驗證碼會傳送到新號碼。變更後請用新號碼登入，其他裝置都會登出
mobile-submit = 確認變更
delete-title = 刪除帳號
delete-lead = 帳號會立即刪除，且無法復原。依法規定，簡訊傳送紀錄至少保留 6 個月
delete-submit = 確認刪除
delete-confirm = 我了解帳號刪除後無法復原
label-created-at = 註冊日期
logout = 登出

## 裝置

device-wechat = 微信
device-wecom = 企業微信
device-qq = QQ
device-qq-browser = QQ 瀏覽器
device-uc = UC 瀏覽器
device-quark = 夸克
device-miui = 小米瀏覽器
device-huawei = 華為瀏覽器
device-honor = 榮耀瀏覽器
device-vivo = vivo 瀏覽器
device-oppo = OPPO 瀏覽器
device-samsung = 三星網際網路
device-baidu = 百度
device-360 = 360 瀏覽器
device-sogou = 搜狗瀏覽器
device-alipay = 支付寶
device-dingtalk = 釘釘
device-feishu = 飛書
device-weibo = 微博
device-douyin = 抖音
device-xiaohongshu = 小紅書
device-harmonyos = HarmonyOS
device-browser = 瀏覽器
device-webview = 應用程式內瀏覽器

## 剛剛發生的事

notice-registered = 註冊成功
notice-name-changed = 使用者名稱已變更
notice-password-changed = 密碼已變更，其他裝置皆已登出
notice-password-set = 密碼已設定
notice-mobile-changed = 手機號碼已變更，其他裝置皆已登出
notice-session-ended = 該裝置已登出
notice-others-signed-out = 其他所有裝置皆已登出
notice-device-forgotten = 該裝置已移除
notice-signed-out = 您已登出
notice-account-deleted = 帳號已刪除
notice-expired = 登入已逾時，請重新登入
notice-ended = 您已在其他裝置上登出，請重新登入

## 訊息頁

heading-not-found = 找不到頁面
heading-refused = 無法完成操作
heading-unavailable = 暫時無法提供服務
heading-internal = 發生錯誤
try-again = 重試
request-id = 請求編號 { $id }
to-home = 回首頁
to-account = 回到我的帳號

## 成功與錯誤

error-input = 請檢查填寫的內容
error-unreadable = 無法辨識送出的內容，請檢查格式後重試
error-too-large = 送出的內容過大，請縮短後重試
error-url-too-long = 網址過長，請確認後重試
error-headers-too-large = 瀏覽器送出的資料過多，請清除本站的 Cookie 後重試
error-unsupported-type = 不支援這種內容類型，請使用 application/json
error-not-found = 找不到您要的內容，請檢查網址，或回首頁
error-method-not-allowed = 無法執行這項操作，請回首頁重試
error-cross-site = 為保護帳號安全，請直接開啟本站操作
error-plain-http = 請使用 https 開啟本站。剛才送出的內容可能已外洩，建議盡快變更密碼
error-unknown-host = 這個網址不屬於本站，請確認後重試
error-origin-missing = 無法確認這項請求來自本站，請直接開啟本站操作，或換一個瀏覽器
error-captcha-gone = 圖形驗證碼已過期，請重新輸入
error-captcha-wrong = 圖形驗證碼錯誤，請重新輸入
proof-under-way = 正在進行安全驗證，請稍候…
error-proof-missing = 請完成安全驗證：輸入新圖片中的 6 個字元
error-proof-wrong = 安全驗證失敗，請重試
error-proof-expired = 安全驗證失敗，請重試
error-proof-used = 安全驗證失敗，請重試
error-proof-insufficient = 安全驗證失敗，請重試
error-sms-code-gone = 驗證碼已失效，請重新取得
error-sms-code-wrong = { $tries ->
    [0] 錯誤次數過多，驗證碼已失效，請重新取得
   *[other] 驗證碼錯誤，還可嘗試 { $tries } 次
  }
error-mobile-taken = 這個手機號碼已註冊
mobile-taken-by-another = 這個手機號碼已綁定其他帳號，請換一個
error-own-mobile = 這就是您目前的手機號碼，不需變更
error-name-taken = 這個使用者名稱已有人使用，請換一個
error-too-often-resend = 操作過於頻繁，請 { $seconds } 秒後再試
error-too-often-mobile = 這個手機號碼取得驗證碼的次數過多，請 { $minutes } 分鐘後再試
error-too-often-address = 目前網路的請求過於頻繁，請 { $minutes } 分鐘後再試
error-too-often-prefix = 目前取得驗證碼的人數較多，請 { $minutes } 分鐘後再試
error-too-often-wrong-codes = 驗證碼錯誤次數過多，請 { $minutes } 分鐘後再試
error-not-signed-in = 請先登入
error-signed-in-elsewhere = 您的帳號登入的裝置過多，這部裝置已自動登出，請重新登入
error-sign-up-closed = 本站目前不開放註冊
error-no-account = 這個手機號碼尚未註冊，設定密碼即可完成註冊，驗證碼仍然有效
error-harder-captcha-needed = 請輸入新圖片中的 6 個字元後繼續
error-captcha-needed = 請完成安全驗證：輸入圖形驗證碼
error-too-often-sign-in = 登入失敗次數過多，請 { $minutes } 分鐘後再試，或用驗證碼登入
error-wrong-login = 帳號或密碼錯誤
error-wrong-password = 目前的密碼錯誤，請重新輸入，或重設密碼
error-sign-in-again = 為保護帳號安全，請重新登入
error-account-locked = 帳號已鎖定，請聯絡客服
error-key-reused = 頁面已失效，請重新整理後再送出
error-key-in-flight = 上一次送出的內容仍在處理中，請稍候再試
error-busy = 目前使用人數較多，請稍後再試
error-sms-refused = 簡訊傳送失敗，請稍後再試
error-sms-paused = 簡訊服務暫時無法使用，請 { $minutes } 分鐘後再試
error-sms-budget-spent = 簡訊服務忙碌中，請 { $minutes } 分鐘後再試
error-sms-sign-in-closed = 驗證碼錯誤次數過多，這個帳號已停用驗證碼登入，請用密碼登入，或換用曾登入過的瀏覽器，仍無法登入請聯絡客服
error-password-sign-in-closed = 密碼錯誤次數過多，暫時無法在新裝置上用密碼登入，請用驗證碼登入，或換用曾登入過的瀏覽器
error-sms-bad-number = 傳送失敗，請檢查手機號碼是否正確
error-store = 系統忙碌中，請稍後再試
error-internal = 系統發生錯誤，請稍後再試
error-network = 無法連線，請檢查網路後重試

## JSON 回應裡的話，頁面上的那一句在這裡說不通時

json-not-found = 找不到要求的內容
json-method-not-allowed = 這個網址不支援這種請求
json-cross-site = 不接受來自其他網站的請求
json-headers-too-large = 請求標頭過大
json-origin-missing = 請求沒有說明來自哪個網站
json-key-reused = 這個 Idempotency-Key 已用於其他請求，請換一個

## 欄位旁的提示

problem-missing = 請填寫此欄位
problem-missing-mobile = 請輸入手機號碼
problem-missing-login = 請輸入手機號碼或使用者名稱
problem-missing-captcha = 請輸入圖形驗證碼
problem-missing-sms-code = 請輸入驗證碼
problem-missing-password = 請輸入密碼
problem-missing-new-password = 請設定密碼
problem-missing-name = 請輸入使用者名稱
problem-missing-confirm = 請勾選確認
problem-malformed = 格式不正確，請檢查
problem-not-text = 此欄位應為文字，請加上引號
problem-not-boolean = 此欄位只能是 true 或 false，不加引號
problem-too-long = 內容過長，請縮短
problem-repeated = 此欄位出現了多次，請只填一次
problem-unknown = 沒有此欄位，請移除
problem-mobile-malformed = 請輸入正確的手機號碼
problem-mobile-malformed-in = 請輸入正確的手機號碼，例如 { $example }
problem-country-not-served = 目前不支援這個國家或地區的手機號碼：{ $country }
problem-country-unknown = 請填寫兩個字母的國家或地區代碼，例如 TW
problem-sms-code-malformed = 請輸入 6 位數驗證碼
problem-sms-codes-differ = 內容中有兩組不同的驗證碼，請只保留一組
problem-name-malformed = 2–32 個字元，僅限中英文、數字和 _ - .，不可全為數字
problem-password-short = 密碼至少 { $least } 個字元
problem-password-plain = 密碼須包含大寫字母、小寫字母、數字、符號其中三種
problem-password-long = 密碼最多 128 個字元
problem-password-common = 這組密碼太常見，容易被猜中，請換一組
problem-terms-not-accepted = 請先閱讀並同意服務條款與隱私權政策
problem-password-personal = 密碼不可與手機號碼或使用者名稱相同，請換一組
problem-passwords-differ = 兩次輸入的密碼不一致，請重新輸入

## 用舊前端的話說

dialect-done = 成功
dialect-sent = 傳送成功
dialect-registered = 註冊成功
dialect-store = 資料庫錯誤
dialect-captcha-gone = 圖片驗證碼已過期
dialect-captcha-wrong = 圖片驗證碼錯誤
dialect-captcha-needed = 失敗次數過多，請到 /login 頁面輸入圖片驗證碼後登入
dialect-sms-code-gone = 簡訊驗證碼已過期
dialect-sms-code-wrong = 簡訊驗證碼錯誤
dialect-mobile-taken = 手機號碼已註冊
dialect-not-signed-in = 使用者未登入
dialect-input = 參數錯誤：{ $detail }
dialect-field = 「{ $field }」{ $problem }
dialect-field-captcha = 圖片驗證碼
dialect-field-mobile = 手機號碼
dialect-field-sms-code = 簡訊驗證碼
dialect-field-login = 手機號碼
dialect-field-password = 密碼
dialect-wrong-login = 使用者名稱或密碼錯誤
dialect-sms-refused = 簡訊傳送失敗

## 用此帳號登入的應用程式

oauth-consent-title = 登入 { $client }
oauth-consent-lead = 目前帳號：{ $mobile }。{ $client } 想取得：
oauth-scope-id = 您的帳號識別碼，再次登入時用來認出您
oauth-scope-profile = 您的使用者名稱和頭像
oauth-scope-phone = 您的手機號碼
oauth-scope-offline = 上述資料的更新，登出後仍可取得
oauth-consent-host = 同意後將前往 { $host }。您可以隨時在帳號頁移除授權
oauth-allow = 同意
oauth-decline = 取消
oauth-other-account = 使用其他帳號
oauth-continue-title = 即將完成
oauth-continue-lead = 如果頁面沒有跳轉，請按一下按鈕
oauth-logout-title = 要登出嗎？
oauth-logout-asked = { $client } 要求登出 { $brand }，目前帳號：{ $mobile }
oauth-logout-lead = 您在 { $brand } 的目前帳號：{ $mobile }
applications-title = 已授權的應用程式
applications-lead = 您曾用此帳號登入這些應用程式。移除後授權立即失效，之後可以重新登入
application-since = 授權時間：{ $at }
application-knows-phone = 可取得手機號碼
application-remove = 移除
notice-application-removed = 已移除該應用程式的授權
oauth-unknown-client = 這個應用程式沒有登記，無法登入。請返回該應用程式，並聯絡其管理員
oauth-redirect-uri-refused = 這個應用程式的返回網址沒有登記，無法登入。請返回該應用程式，並聯絡其管理員
