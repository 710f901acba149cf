# Haoma 对人说的每一句话。错误先说发生了什么，再说接下来怎么办。

## 各页共用

development = 开发模式：短信显示在运行 Haoma 的终端里
page-description = 用手机号登录或注册 { $brand }
languages = 语言
title-problem = 请检查
show = 显示
hide = 隐藏
close = 关闭
label-mobile = 手机号
label-new-mobile = 新手机号
label-country = 国家或地区
label-password = 密码
label-name = 用户名

## 注册

register-title = 注册
register-lead = 用手机号注册
register-submit = 注册
register-have = 已经有账号？
use-number = 用此号码登录
signed-in-as = 你已登录为 { $mobile }
go-on = 继续
placeholder-mobile = 请输入手机号
label-captcha = 图形验证码
captcha-title = 请输入图中的字符
hint-captcha = 不区分大小写
captcha-picture = 图形验证码，4 个字符
captcha-picture-harder = 图形验证码，6 个字符
captcha-another = 看不清？换一张
captcha-audio = 图形验证码的语音
captcha-listen = 听验证码
captcha-stop = 停止播放
captcha-unheard = 播放失败，请换一张再试
send-code = 获取验证码
send-code-under-way = 正在发送…
send-code-again = 重新获取
send-code-wait = { $seconds } 秒后重新获取
send-code-ready = 现在可以重新获取验证码
wait-and-reload = { $seconds } 秒后可重新获取。
reload = 刷新页面
wait-other = 号码填错了？改好后可立即
label-sms-code = 短信验证码
code-title = 输入验证码
hint-sms-code = 请输入 6 位验证码
hint-password-new = 至少 { $least } 位
hint-password-optional = 可不填。至少 { $least } 位
terms-accept = 我已阅读并同意{ $terms }{ $privacy }
terms-accept-one = 我已阅读并同意{ $terms }
terms-name = 《用户协议》
terms-title = 请阅读并同意
terms-agree = 同意并继续
terms-later = 再看看
privacy-name = 《隐私政策》
terms-and-privacy-name = 《用户协议和隐私政策》
hint-password-kinds = 至少 { $least } 位，含大写字母、小写字母、数字、符号中的至少三种
password-short = 还差 { $missing } 位
password-weak = 密码强度：弱（建议再长一些）
password-fair = 密码强度：中
password-strong = 密码强度：强
notice-sms-sent = 验证码已发送至 { $mobile }
other-number = 修改
sms-missed = 收不到验证码？
sms-missed-number = 确认手机号填写正确，未停机或欠费
sms-missed-blocked = 检查短信是否被拦截，倒计时结束后可重新获取

## 登录

login-title = 登录
login-or-register-title = 登录 / 注册
login-or-register-lead = 未注册的手机号验证后自动创建账号
login-by-code-lead = 请输入手机号
login-new = 还没有账号？
forgot-password = 忘记密码？
reset-title = 重置密码
reset-lead = 验证手机号后即可设置新密码，所有设备将退出登录
reset-submit = 重置密码
notice-captcha-needed = 登录失败次数较多，请输入图形验证码
notice-password-reset = 密码已重置，请使用新密码登录
register-proved = 手机号已验证。该号码尚未注册，设置密码即可完成注册
login-by-password = 密码登录
login-by-code = 验证码登录
remember = { $unit ->
    [minutes] { $count } 分钟内免登录
    [hours] { $count } 小时内免登录
   *[days] { $count } 天内免登录
  }
label-login = 手机号或用户名

## 账号

account-title = 我的账号
account-more = 更多
change = 修改
save = 保存
sessions-title = 登录中的设备
sessions-lead = 以下设备已登录你的账号，退出后需重新登录
session-current = 本机
session-end = 退出登录
sessions-end-others = 退出其他所有设备
session-unknown-device = 未知设备
session-last-seen = 最近活动：{ $at }
ago = { $unit ->
    [now] 刚刚
    [minutes] { $count } 分钟前
    [hours] { $count } 小时前
   *[days] { $count } 天前
  }
session-signed-in = { $at }登录
devices-title = 信任的设备
devices-lead = 你曾在这些设备上登录。即使有人反复尝试你的密码或手机号，在这些设备上仍可登录。移除不会退出登录，下次登录时按新设备处理
device-last-used = 最近登录：{ $at }
device-forget = 移除
name-title = 修改用户名
name-lead = 2–32 个字符，支持中英文、数字和 _ - .，可用于登录
set = 设置
password-none = 未设置
password-set = 设置密码
password-set-lead = 设置后，也可以用密码登录
password-title = 修改密码
password-lead = 修改后，其他设备将退出登录
label-current-password = 当前密码
label-new-password = 新密码
mobile-title = 更换手机号
mobile-lead = 验证码将发送到新手机号，更换后请用新手机号登录，其他设备将退出登录
mobile-submit = 确认更换
delete-title = 注销账号
delete-lead = 注销后账号立即删除且无法恢复。依照法规，短信发送记录将至少保留 6 个月
delete-confirm = 我了解账号注销后无法恢复
delete-submit = 确认注销
label-created-at = 注册日期
logout = 退出登录

## 设备

device-wechat = 微信
device-wecom = 企业微信
device-qq = QQ
device-qq-browser = QQ 浏览器
device-uc = UC 浏览器
device-quark = 夸克
device-miui = 小米浏览器
device-huawei = 华为浏览器
device-honor = 荣耀浏览器
device-vivo = vivo 浏览器
device-oppo = OPPO 浏览器
device-samsung = 三星浏览器
device-baidu = 百度
device-360 = 360 浏览器
device-sogou = 搜狗浏览器
device-alipay = 支付宝
device-dingtalk = 钉钉
device-feishu = 飞书
device-weibo = 微博
device-douyin = 抖音
device-xiaohongshu = 小红书
device-harmonyos = 鸿蒙
device-browser = 浏览器
device-webview = 应用内浏览器

## 刚刚发生的事

notice-registered = 注册成功
notice-name-changed = 用户名已修改
notice-password-changed = 密码已修改，其他设备已退出登录
notice-password-set = 密码已设置
notice-mobile-changed = 手机号已更换，其他设备已退出登录
notice-session-ended = 已退出该设备
notice-others-signed-out = 已退出其他所有设备
notice-device-forgotten = 已移除该设备
notice-signed-out = 已退出登录
notice-account-deleted = 账号已注销
notice-expired = 登录已过期，请重新登录
notice-ended = 你已在其他设备上退出登录，请重新登录

## 消息页

heading-not-found = 页面不存在
heading-refused = 无法完成操作
heading-unavailable = 服务暂不可用
heading-internal = 出错了
try-again = 重试
request-id = 请求编号 { $id }
to-home = 返回首页
to-account = 返回我的账号

## 成功与错误

error-input = 请检查填写的内容
error-unreadable = 提交的内容无法识别，请检查格式后重试
error-too-large = 提交的内容过大，请缩短后重试
error-url-too-long = 网址过长，请核对后重试
error-headers-too-large = 浏览器发送的数据过多，请清除本站的 Cookie 后重试
error-unsupported-type = 不支持这种内容类型，请用 application/json 发送
error-not-found = 没有找到你要的内容，请检查网址，或返回首页
error-method-not-allowed = 操作无效，请返回首页重试
error-cross-site = 为保护账号安全，请直接打开本站操作
error-plain-http = 请使用 https 访问本站。刚才提交的内容可能已泄露，建议尽快修改密码
error-unknown-host = 这个网址不属于本站，请核对后重试
error-origin-missing = 无法确认请求来自本站，请直接打开本站操作，或换一个浏览器
error-captcha-gone = 图形验证码已过期，请重新输入
error-captcha-wrong = 图形验证码错误，请重新输入
proof-under-way = 正在进行安全验证，请稍候…
error-proof-missing = 请完成安全验证：输入新图片中的 6 个字符
error-proof-wrong = 安全验证失败，请重试
error-proof-expired = 安全验证失败，请重试
error-proof-used = 安全验证失败，请重试
error-proof-insufficient = 安全验证失败，请重试
error-sms-code-gone = 验证码已失效，请重新获取
error-sms-code-wrong = { $tries ->
    [0] 错误次数过多，验证码已失效，请重新获取
   *[other] 验证码错误，还可尝试 { $tries } 次
  }
error-mobile-taken = 该手机号已注册
mobile-taken-by-another = 该手机号已绑定其他账号，请换一个
error-own-mobile = 这就是你当前的手机号，无需更换
error-name-taken = 该用户名已被使用，请换一个
error-too-often-resend = 操作过于频繁，请 { $seconds } 秒后再试
error-too-often-mobile = 该手机号获取验证码次数过多，请 { $minutes } 分钟后再试
error-too-often-address = 当前网络请求过于频繁，请 { $minutes } 分钟后再试
error-too-often-prefix = 当前获取验证码的人较多，请 { $minutes } 分钟后再试
error-too-often-wrong-codes = 验证码错误次数过多，请 { $minutes } 分钟后再试
error-not-signed-in = 请先登录
error-signed-in-elsewhere = 你的账号登录的设备过多，本机已自动退出，请重新登录
error-sign-up-closed = 本站暂不开放注册
error-no-account = 该手机号尚未注册，设置密码即可完成注册，验证码仍然有效
error-harder-captcha-needed = 请输入新图片中的 6 个字符后继续
error-captcha-needed = 请完成安全验证：输入图形验证码
error-too-often-sign-in = 登录失败次数过多，请 { $minutes } 分钟后再试，或使用验证码登录
error-wrong-login = 账号或密码错误
error-wrong-password = 当前密码错误，请重新输入，或重置密码
error-sign-in-again = 为保障账号安全，请重新验证身份
error-account-locked = 账号已被锁定，请联系客服
error-key-reused = 页面已失效，请刷新后重新提交
error-key-in-flight = 上一次提交仍在处理中，请稍候再试
error-busy = 当前访问人数较多，请稍后再试
error-sms-refused = 短信发送失败，请稍后再试
error-sms-paused = 短信服务暂不可用，请 { $minutes } 分钟后再试
error-sms-budget-spent = 短信服务繁忙，请 { $minutes } 分钟后再试
error-sms-sign-in-closed = 验证码错误次数过多，该账号已停用验证码登录，请使用密码登录，或换用登录过的浏览器，仍无法登录请联系客服
error-password-sign-in-closed = 密码错误次数过多，暂时不能在新设备上用密码登录，请使用验证码登录，或换用登录过的浏览器
error-sms-bad-number = 发送失败，请检查手机号是否正确
error-store = 系统繁忙，请稍后再试
error-internal = 系统异常，请稍后再试
error-network = 网络连接失败，请检查网络后重试

## JSON 回答里的话，页面上的那一句在这里说不通时

json-not-found = 没有找到请求的内容
json-method-not-allowed = 该地址不支持这种请求
json-cross-site = 不接受来自其他网站的请求
json-headers-too-large = 请求头过大
json-origin-missing = 请求没有说明来自哪个网站
json-key-reused = 该 Idempotency-Key 已用于其他请求，请换一个

## 字段旁的提示

problem-missing = 请填写此项
problem-missing-mobile = 请输入手机号
problem-missing-login = 请输入手机号或用户名
problem-missing-captcha = 请输入图形验证码
problem-missing-sms-code = 请输入验证码
problem-missing-password = 请输入密码
problem-missing-new-password = 请设置密码
problem-missing-name = 请输入用户名
problem-missing-confirm = 请勾选确认
problem-malformed = 格式不正确，请检查
problem-not-text = 此项应为文本，请加上引号
problem-not-boolean = 此项只能是 true 或 false，不加引号
problem-too-long = 内容过长，请缩短
problem-repeated = 此项出现了多次，请只填一次
problem-unknown = 没有此项，请去掉
problem-mobile-malformed = 请输入正确的手机号
problem-mobile-malformed-in = 请输入正确的手机号，例如 { $example }
problem-country-not-served = 暂不支持该国家或地区的手机号：{ $country }
problem-country-unknown = 请填写两个字母的国家或地区代码，例如 CN
problem-sms-code-malformed = 请输入 6 位验证码
problem-sms-codes-differ = 内容中有两个不同的验证码，请只保留一个
problem-name-malformed = 2–32 个字符，仅支持中英文、数字和 _ - .，不能为纯数字
problem-password-short = 密码至少 { $least } 位
problem-password-plain = 密码应包含大写字母、小写字母、数字、符号中的至少三种
problem-password-long = 密码最多 128 位
problem-password-common = 密码过于常见，容易被猜到，请换一个
problem-terms-not-accepted = 请先阅读并同意用户协议和隐私政策
problem-password-personal = 密码不能与手机号或用户名相同，请换一个
problem-passwords-differ = 两次输入的密码不一致，请重新输入

## 用老前端的话说

dialect-done = 成功
dialect-sent = 发送成功
dialect-registered = 注册成功
dialect-store = 数据库异常
dialect-captcha-gone = 图片验证码已过期
dialect-captcha-wrong = 图片验证码错误
dialect-captcha-needed = 失败次数过多，请到 /login 页面输入图片验证码后登录
dialect-sms-code-gone = 短信验证码已过期
dialect-sms-code-wrong = 短信验证码错误
dialect-mobile-taken = 手机号已注册
dialect-not-signed-in = 用户未登录
dialect-input = 参数错误：{ $detail }
dialect-field = 「{ $field }」{ $problem }
dialect-field-captcha = 图片验证码
dialect-field-mobile = 手机号
dialect-field-sms-code = 短信验证码
dialect-field-login = 手机号
dialect-field-password = 密码
dialect-wrong-login = 用户名或密码错误
dialect-sms-refused = 短信发送失败

## 用此账号登录的应用

oauth-consent-title = 登录 { $client }
oauth-consent-lead = 当前账号：{ $mobile }。{ $client } 想获取：
oauth-scope-id = 你的账号标识，用于再次登录时认出你
oauth-scope-profile = 你的用户名和头像
oauth-scope-phone = 你的手机号
oauth-scope-offline = 上述信息的更新，退出登录后仍可获取
oauth-consent-host = 同意后将前往 { $host }。你可以随时在账号页移除授权
oauth-allow = 同意
oauth-decline = 取消
oauth-other-account = 使用其他账号
oauth-continue-title = 即将完成
oauth-continue-lead = 如果页面没有跳转，请点击按钮
oauth-logout-title = 退出登录？
oauth-logout-asked = { $client } 请求退出 { $brand }，当前账号：{ $mobile }
oauth-logout-lead = 你在 { $brand } 的当前账号：{ $mobile }
applications-title = 已授权的应用
applications-lead = 你曾用此账号登录这些应用。移除后其授权立即失效，之后可以重新登录
application-since = 授权时间：{ $at }
application-knows-phone = 可获取手机号
application-remove = 移除
notice-application-removed = 已移除该应用的授权
oauth-unknown-client = 这个应用没有登记，无法登录。请返回该应用，并联系它的管理员
oauth-redirect-uri-refused = 这个应用的返回地址没有登记，无法登录。请返回该应用，并联系它的管理员
