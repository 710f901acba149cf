function getCookie(name) {
    var r = document.cookie.match("\\b" + name + "=([^;]*)\\b");
    return r ? r[1] : undefined;
}

// 图片验证码的编号
var imageCodeId = "";

function generateUUID() {
    var d = new Date().getTime();
    if (window.performance && typeof window.performance.now === "function") {
        d += performance.now();
    }
    return "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".replace(/[xy]/g, function (c) {
        var r = (d + Math.random() * 16) % 16 | 0;
        d = Math.floor(d / 16);
        return (c == "x" ? r : (r & 0x3 | 0x8)).toString(16);
    });
}

// 生成一个新的编号，并设置页面中图片的src属性
function generateImageCode() {
    imageCodeId = generateUUID();
    $(".image-code img").attr("src", "/api/v1.0/image_codes/" + imageCodeId);
}

function showError(id, text) {
    $(id + " span").html(text);
    $(id).show();
}

function sendSMSCode() {
    // 点击之后先移除onclick，避免重复发送
    $(".phonecode-a").removeAttr("onclick");
    var mobile = $("#mobile").val();
    if (!mobile) {
        showError("#mobile-err", "请填写正确的手机号！");
        $(".phonecode-a").attr("onclick", "sendSMSCode();");
        return;
    }
    var imageCode = $("#imagecode").val();
    if (!imageCode) {
        showError("#image-code-err", "请填写验证码！");
        $(".phonecode-a").attr("onclick", "sendSMSCode();");
        return;
    }
    var params = {
        image_code: imageCode,
        image_code_id: imageCodeId
    };
    $.get("/api/v1.0/sms_codes/" + mobile, params, function (resp) {
        if (resp.errno == "0") {
            // 倒计时60秒
            var num = 60;
            var timer = setInterval(function () {
                if (num > 1) {
                    num -= 1;
                    $(".phonecode-a").html(num + "秒");
                } else {
                    clearInterval(timer);
                    $(".phonecode-a").html("获取验证码");
                    $(".phonecode-a").attr("onclick", "sendSMSCode();");
                }
            }, 1000);
        } else {
            alert(resp.errmsg);
            if (resp.errno == "4004" || resp.errno == "4002") {
                generateImageCode();
            }
            $(".phonecode-a").attr("onclick", "sendSMSCode();");
        }
    });
}

$(document).ready(function () {
    generateImageCode();
    $(".form-register input").focus(function () {
        $(".error-msg").hide();
    });
    $(".form-register").submit(function (e) {
        // 阻止浏览器默认的表单提交
        e.preventDefault();
        var params = {};
        $(this).serializeArray().map(function (x) {
            params[x.name] = x.value;
        });
        if (params.phonecode.length != 6) {
            showError("#phone-code-err", "请填写短信验证码！");
            return;
        }
        if (params.password != params.password2) {
            showError("#password2-err", "两次密码不一致！");
            return;
        }
        $.ajax({
            url: "/api/v1.0/users",
            type: "post",
            data: JSON.stringify(params),
            contentType: "application/json",
            dataType: "json",
            headers: {
                "X-CSRFToken": getCookie("csrf_token")
            },
            success: function (resp) {
                if (resp.errno == "0") {
                    location.href = "/my.html";
                } else {
                    alert(resp.errmsg);
                }
            }
        });
    });
});
