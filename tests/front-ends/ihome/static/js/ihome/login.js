function getCookie(name) {
    var r = document.cookie.match("\\b" + name + "=([^;]*)\\b");
    return r ? r[1] : undefined;
}

$(document).ready(function () {
    $(".form-login input").focus(function () {
        $("#password-err").hide();
    });
    $(".form-login").submit(function (e) {
        e.preventDefault();
        var params = {
            mobile: $("#mobile").val(),
            password: $("#password").val()
        };
        $.ajax({
            url: "/api/v1.0/sessions",
            type: "post",
            data: JSON.stringify(params),
            contentType: "application/json",
            dataType: "json",
            headers: {
                "X-CSRFToken": getCookie("csrf_token")
            },
            success: function (resp) {
                if (resp.errno == "0") {
                    // 登录成功，跳转到主页
                    location.href = "/index.html";
                } else {
                    $("#password-err span").html(resp.errmsg);
                    $("#password-err").show();
                }
            }
        });
    });
});
