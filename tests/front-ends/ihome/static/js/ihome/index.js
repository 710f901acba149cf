$(document).ready(function () {
    // 检查用户的登录状态
    $.get("/api/v1.0/session", function (resp) {
        if ("0" == resp.errno) {
            $(".user-info .user-name").html(resp.data.name);
            $(".user-info").show();
        } else {
            $(".register-login").show();
        }
    }, "json");
});
