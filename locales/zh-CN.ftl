# Haoma 对人说的每一句话。错误先说发生了什么，再说接下来怎么办。

## 各页共用

development = 开发模式：短信显示在运行 Haoma 的终端里
languages = 语言
title-problem = 有误
show = 显示
hide = 隐藏
label-mobile = 手机号
label-password = 密码
label-name = 用户名

## 注册

register-title = 注册
register-lead = 只要一个手机号，收一条短信就好。
register-submit = 注册
register-have = 已经有账号？
hint-mobile = 中国大陆手机号，11 位
label-captcha = 图片验证码
hint-captcha = 不分大小写
hint-captcha-later = 重发短信时再填
captcha-picture = 图片验证码：四个字符
captcha-picture-harder = 图片验证码：六个字符
captcha-another = 看不清？换一张
captcha-audio = 朗读图片中的字符
captcha-listen = 改用语音
captcha-stop = 停止
captcha-unheard = 暂时无法播放，请换一张图片后再试。
send-code = 获取短信验证码
send-code-under-way = 正在发送…
send-code-again = 重新获取短信验证码
send-code-wait = { $seconds } 秒后可重新获取
send-code-ready = 现在可以重新获取短信验证码了
wait-and-reload = { $seconds } 秒后刷新，即可重新获取：
reload = 刷新
wait-other = 换了号码不用等：
label-sms-code = 短信验证码
hint-sms-code = 短信里的 6 位数字
hint-password-new = 至少 { $least } 个字符
terms-accept = 已阅读并同意用户协议和隐私政策
terms-read = 查看全文
hint-password-kinds = 至少 { $least } 个字符，包含小写字母、大写字母、数字、其他字符中的三种
password-short = 还差 { $missing } 个字符
password-weak = 容易被猜到，再长一些更好
password-fair = 还可以
password-strong = 很好
notice-sms-sent = 验证码已发送至 { $mobile }
other-number = 换个号码
sms-missed = 没收到？请检查号码，或重新获取。
sms-missed-password = 用密码登录

## 登录

login-title = 登录
login-lead = 欢迎回来。
login-new = 还没有账号？
reset-title = 重置密码
reset-lead = 用手机号收一条短信，设置新密码。所有已登录的设备都会退出。
reset-submit = 设置新密码
notice-password-reset = 密码已更新，请用新密码登录。
register-proved = 手机号 { $mobile } 已验证，还没有账号。设置密码即可完成注册。
login-ways = 登录方式
login-by-password = 密码登录
login-by-code = 短信登录
remember = 保持登录（30 天）
label-login = 手机号或用户名

## 账号

account-title = 我的账号
account-lead = 你已登录。
change = 修改
save = 保存
sessions-title = 已登录的设备
session-current = 当前设备
session-end = 退出这台设备
sessions-end-others = 退出其他所有设备
session-unknown-device = 未知设备
session-last-seen = 最近使用 { $at }
session-signed-in = 登录于 { $at }
devices-title = 信任的设备
devices-lead = 这些设备登录过你的账号。即使有人反复尝试你的密码或手机号，它们仍能登录；但不会因此自动登录。
device-last-used = 最近登录 { $at }
device-forget = 移除
name-title = 修改用户名
name-lead = 2 到 32 个字母、汉字、数字或 _ - .，也可以用来登录。
password-title = 修改密码
password-lead = 修改后，其他设备都会退出登录。
label-current-password = 当前密码
label-new-password = 新密码
mobile-title = 更换手机号
mobile-lead = 新手机号会收到一条短信。更换后用新手机号登录，其他设备都会退出登录。
delete-title = 注销账号
delete-lead = 账号和登录信息立即删除，无法恢复。短信记录按规定至少保留 6 个月。
delete-submit = 永久删除账号
label-created-at = 注册时间
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

## 消息页

heading-not-found = 没有这个页面
heading-refused = 请求被拒绝
heading-unavailable = 暂时无法服务
heading-internal = 出错了
retry-after = 请在 { $seconds } 秒后重试。
try-again = 重试
request-id = 请求编号 { $id }
to-home = 返回首页
to-account = 回到我的账号

## 成功与错误

error-input = 参数错误，请检查标出的内容。
error-unreadable = 参数错误：内容无法读取，请检查格式后重试。
error-too-large = 参数错误：内容太大，请缩短后重试。
error-url-too-long = 参数错误：网址太长，请核对后重试。
error-headers-too-large = 参数错误：浏览器发送的内容太多，请清除本站的 Cookie 后重试。
error-unsupported-type = 参数错误：不支持这种内容类型，请用 application/json 发送。
error-not-found = 这里没有你要找的内容，请检查地址，或返回首页。
error-method-not-allowed = 这个地址不接受这种请求，请返回首页重新开始。
error-cross-site = 请求来自其他网站，已被拒绝。请直接打开本站再操作。
error-plain-http = 请使用 https 访问本站。刚才发送的内容可能已被他人看到。
error-unknown-host = 这个网址不属于本站，请核对网址后重试。
error-origin-missing = 无法确认请求来自本站，已被拒绝。请打开本站页面再操作，或换一个浏览器。
error-captcha-gone = 图片验证码已过期，请填写新图片里的字符。
error-captcha-wrong = 图片验证码错误，请填写新图片里的字符。
proof-under-way = 正在确认这不是程序自动提交，需要几秒钟，请稍候。
error-proof-missing = 需要再确认一次是真人操作，请填写新图片里的六个字符。
error-proof-wrong = 随请求提交的计算结果不对，请重试。
error-proof-expired = 随请求提交的计算结果已过期，请重试。
error-proof-used = 随请求提交的计算结果已用过，请重试。
error-proof-insufficient = 现在需要更大的计算量，请重试。
error-sms-code-gone = 短信验证码已过期，请重新获取。
error-sms-code-wrong = { $tries ->
    [0] 短信验证码错误次数过多，此码已失效，请重新获取。
   *[other] 短信验证码错误，还可以试 { $tries } 次。
  }
error-mobile-taken = 手机号已注册，请直接登录，或换个手机号。
error-own-mobile = 这就是你现在的手机号，无需更换。
error-name-taken = 用户名已被使用，请换一个。
error-too-often-resend = 发送过于频繁，请在 { $seconds } 秒后重新获取。
error-too-often-mobile = 发送过于频繁：这个手机号收到的短信太多，请在 { $minutes } 分钟后再试。
error-too-often-address = 发送过于频繁：你所在的网络请求太多，请在 { $minutes } 分钟后再试。
error-too-often-prefix = 发送过于频繁：同一号段的短信太多，请在 { $minutes } 分钟后再试。
error-too-often-wrong-codes = 验证码错误次数过多，请在 { $minutes } 分钟后再试。
error-not-signed-in = 用户未登录，请先登录。
error-signed-in-elsewhere = 你的账号登录的设备太多，这台设备已自动退出，请重新登录。
error-no-account = 这个手机号还没有注册。设置密码即可注册，刚才的验证码继续有效。
error-harder-captcha-needed = 请填写图片里的六个字符后继续。
error-captcha-needed = 请完成安全验证：填写图片里的字符。
error-too-often-sign-in = 登录失败次数过多，请在 { $minutes } 分钟后再试，或用短信验证码登录。
error-wrong-login = 用户名或密码错误，请检查后重试。
error-wrong-password = 当前密码不正确，请重新填写，或重置密码。
error-sign-in-again = 登录时间较久，请重新登录后再做这项更改。
error-account-locked = 这个账号已被锁定，请联系本站管理员。
error-key-reused = 此前已提交过不同的内容，请核对后重新提交。
error-key-in-flight = 上一次提交仍在处理中，请稍候再试。
error-busy = 现在人太多，请过几秒再试。
error-sms-refused = 短信发送失败，请稍后再试。
error-sms-paused = 短信暂时无法发送，请在 { $minutes } 分钟后再试。
error-sms-budget-spent = 短信暂时发完了，请在 { $minutes } 分钟后再试。
error-sms-sign-in-closed = 短信验证码错误次数过多，这个账号已停用短信登录。请用密码登录，或联系本站管理员。
error-password-sign-in-closed = 这个用户名或手机号被多次输错密码，暂时不能在新设备上用密码登录。请用短信验证码登录，或换用以前登录过的浏览器。
error-sms-bad-number = 短信发送失败：这个号码收不到短信，请检查手机号。
error-store = 数据库异常，请过一会儿再试。
error-internal = 我们这边出错了，请稍后再试。
error-network = 网络不通，请检查网络后再试。

## 字段旁的提示

problem-missing = 请填写这一项。
problem-malformed = 格式不对，请检查。
problem-not-text = 这一项应是文本，请加上引号。
problem-not-boolean = 这一项只能是 true 或 false，不加引号。
problem-too-long = 太长了，请缩短。
problem-repeated = 这一项出现了多次，请只填一次。
problem-unknown = 没有这一项，请去掉。
problem-mobile-malformed = 请填写正确的手机号：11 位数字，以 1 开头。
problem-sms-code-malformed = 请填写短信里的 6 位数字。
problem-sms-codes-differ = 填写的内容里有两个不同的验证码，请只填其中一个。
problem-name-malformed = 请用 2–32 个字母、汉字、数字或 _ - .，不能全是数字。
problem-password-short = 密码太短，请至少用 { $least } 个字符。
problem-password-plain = 密码太简单，请包含小写字母、大写字母、数字、其他字符中的三种。
problem-password-long = 密码太长，请最多用 128 个字符。
problem-password-common = 这个密码太常见，容易被猜到，请换一个。
problem-terms-not-accepted = 请先阅读并同意用户协议和隐私政策。
problem-password-personal = 密码不能是手机号或用户名，请换一个。
problem-passwords-differ = 两次输入的密码不一致，请重新输入。

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
