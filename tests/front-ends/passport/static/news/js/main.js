function getCookie(name) {
    var r = document.cookie.match("\\b" + name + "=([^;]*)\\b");
    return r ? r[1] : undefined;
}

$(function () {
    // 右上角：已登录显示用户，未登录显示按钮
    $.get('/api/session', function (resp) {
        if (resp.errno == '0') {
            $('#nick_name').html(resp.data.name);
            $('#user_mobile').html(resp.data.mobile);
            $('.user_login').show();
        } else {
            $('.user_btns').show();
        }
    });

    $('.login_btn').click(function () {
        $('.register_form_con').hide();
        $('.login_form_con').show();
    });

    $('.register_btn').click(function () {
        $('.login_form_con').hide();
        $('.register_form_con').show();
        generateImageCode();
    });

    $('.form_group input').focus(function () {
        $('.error_tip').hide();
    });

    // 登录表单提交
    $('.login_form_con').submit(function (e) {
        e.preventDefault();
        var mobile = $('#mobile').val();
        var password = $('#password').val();
        if (!mobile) {
            $('#login-mobile-err').show();
            return;
        }
        if (!password) {
            $('#login-password-err').show();
            return;
        }
        var params = {
            'mobile': mobile,
            'password': password
        };
        $.ajax({
            url: '/passport/login',
            type: 'post',
            data: JSON.stringify(params),
            headers: {'X-CSRFToken': getCookie('csrf_token')},
            success: function (resp) {
                if (resp.errno == '0') {
                    location.reload();
                } else {
                    $('#login-password-err').html(resp.errmsg);
                    $('#login-password-err').show();
                }
            }
        });
    });

    // 注册表单提交
    $('.register_form_con').submit(function (e) {
        e.preventDefault();
        var mobile = $('#register_mobile').val();
        var smscode = $('#smscode').val();
        var password = $('#register_password').val();
        if (!mobile) {
            $('#register-mobile-err').show();
            return;
        }
        if (!smscode) {
            $('#register-sms-code-err').show();
            return;
        }
        if (password.length < 6) {
            $('#register-password-err').html('密码长度不能少于6位').show();
            return;
        }
        var params = {
            'mobile': mobile,
            'smscode': smscode,
            'password': password
        };
        $.ajax({
            url: '/passport/register',
            type: 'post',
            contentType: 'application/json',
            data: JSON.stringify(params),
            headers: {'X-CSRFToken': getCookie('csrf_token')},
            success: function (resp) {
                if (resp.errno == '0') {
                    location.reload();
                } else {
                    $('#register-password-err').html(resp.errmsg).show();
                }
            }
        });
    });
});

var imageCodeId = '';
var preImageCodeId = '';

function generateImageCode() {
    preImageCodeId = imageCodeId;
    imageCodeId = generateUUID();
    $('.get_pic_code').attr('src', '/passport/image_code?code_id=' + imageCodeId + '&pre_id=' + preImageCodeId);
}

function sendSMSCode() {
    // 移除点击事件，防止重复发送
    $('.get_code').removeAttr('onclick');
    var mobile = $('#register_mobile').val();
    if (!mobile) {
        $('#register-mobile-err').html('请填写正确的手机号！').show();
        $('.get_code').attr('onclick', 'sendSMSCode();');
        return;
    }
    var imageCode = $('#imagecode').val();
    if (!imageCode) {
        $('#register-image-code-err').html('请填写验证码！').show();
        $('.get_code').attr('onclick', 'sendSMSCode();');
        return;
    }
    var params = {
        'mobile': mobile,
        'image_code': imageCode,
        'image_code_id': imageCodeId
    };
    $.ajax({
        url: '/passport/sms_code',
        type: 'post',
        data: JSON.stringify(params),
        contentType: 'application/json',
        headers: {'X-CSRFToken': getCookie('csrf_token')},
        success: function (resp) {
            if (resp.errno == '0') {
                // 倒计时
                var num = 60;
                var t = setInterval(function () {
                    if (num == 1) {
                        clearInterval(t);
                        $('.get_code').html('点击获取验证码');
                        $('.get_code').attr('onclick', 'sendSMSCode();');
                    } else {
                        num -= 1;
                        $('.get_code').html(num + '秒');
                    }
                }, 1000);
            } else {
                $('#register-sms-code-err').html(resp.errmsg).show();
                $('.get_code').attr('onclick', 'sendSMSCode();');
                if (resp.errno == '4004') {
                    generateImageCode();
                }
            }
        }
    });
}

function logout() {
    $.get('/passport/logout', function (resp) {
        location.reload();
    });
}

function generateUUID() {
    var d = new Date().getTime();
    if (window.performance && typeof window.performance.now === 'function') {
        d += performance.now();
    }
    var uuid = 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, function (c) {
        var r = (d + Math.random() * 16) % 16 | 0;
        d = Math.floor(d / 16);
        return (c == 'x' ? r : (r & 0x3 | 0x8)).toString(16);
    });
    return uuid;
}
