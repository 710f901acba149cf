"""A back end as many courses describe it: Flask, SQLAlchemy, Redis, Flask-Session."""

import os
import random
from datetime import datetime

import redis
import requests
from captcha.image import ImageCaptcha
from flask import Flask, jsonify, make_response, request, session
from flask_session import Session
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.exc import IntegrityError
from werkzeug.security import check_password_hash, generate_password_hash

IMAGE_CODE_SECONDS = 180
SMS_CODE_SECONDS = 300
RESEND_SECONDS = 60
LOGIN_ERRORS = 5
LOGIN_ERROR_SECONDS = 600
METHOD = f"pbkdf2:sha256:{os.environ['PASSWORD_ITERATIONS']}"
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ3456789"

store = redis.Redis.from_url(os.environ["REDIS_URL"], decode_responses=True)
sms = requests.Session()
pictures = ImageCaptcha()

app = Flask(__name__)
app.config.update(
    SECRET_KEY="a key of the load test, long enough for it",
    SQLALCHEMY_DATABASE_URI=os.environ["DATABASE_URL"].replace("mysql:", "mysql+pymysql:", 1),
    SESSION_TYPE="redis",
    SESSION_REDIS=redis.Redis.from_url(os.environ["REDIS_URL"]),
    PERMANENT_SESSION_LIFETIME=86400,
)
db = SQLAlchemy(app)
Session(app)


class User(db.Model):
    __tablename__ = "ih_user_profile"

    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(32), unique=True, nullable=False)
    password_hash = db.Column(db.String(128), nullable=False)
    mobile = db.Column(db.String(11), unique=True, nullable=False)
    avatar_url = db.Column(db.String(128))
    create_time = db.Column(db.DateTime, default=datetime.now)
    update_time = db.Column(db.DateTime, default=datetime.now, onupdate=datetime.now)


def answer(errno="0", errmsg="OK", **data):
    return jsonify(errno=errno, errmsg=errmsg, data=data)


def sign_in(user):
    session["user_id"], session["name"], session["mobile"] = user.id, user.name, user.mobile


@app.get("/api/v1.0/image_codes/<image_code_id>")
def image_code(image_code_id):
    text = "".join(random.choices(LETTERS, k=4))
    picture = pictures.generate(text, format="png").getvalue()
    store.setex(f"image_code_{image_code_id}", IMAGE_CODE_SECONDS, text)
    response = make_response(picture)
    response.headers["Content-Type"] = "image/png"
    return response


@app.get("/api/v1.0/sms_codes/<mobile>")
def sms_code(mobile):
    image_code, image_code_id = request.args["image_code"], request.args["image_code_id"]
    real = store.get(f"image_code_{image_code_id}")
    if real is None:
        return answer("4002", "the picture has expired")
    store.delete(f"image_code_{image_code_id}")
    if real.lower() != image_code.lower():
        return answer("4004", "the picture says something else")
    if store.get(f"send_sms_code_{mobile}") is not None:
        return answer("4201", "too often")
    if User.query.filter_by(mobile=mobile).first() is not None:
        return answer("4003", "the number is taken")
    code = f"{random.randint(0, 999999):06}"
    with store.pipeline() as commands:
        commands.setex(f"sms_code_{mobile}", SMS_CODE_SECONDS, code)
        commands.setex(f"send_sms_code_{mobile}", RESEND_SECONDS, 1)
        commands.execute()
    message = {"data": {"to": f"+86{mobile}", "code": code}}
    if not sms.post(os.environ["SMS_URL"], json=message, timeout=10).ok:
        return answer("4301", "the message was not sent")
    return answer()


@app.post("/api/v1.0/users")
def register():
    wish = request.get_json()
    mobile, password = wish["mobile"], wish["password"]
    if wish["sms_code"] != store.get(f"sms_code_{mobile}"):
        return answer("4004", "the code is wrong or has expired")
    store.delete(f"sms_code_{mobile}")
    user = User(name=mobile, mobile=mobile, password_hash=generate_password_hash(password, METHOD))
    try:
        db.session.add(user)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        return answer("4003", "the number is taken")
    sign_in(user)
    return answer()


@app.post("/api/v1.0/session")
def login():
    wish = request.get_json()
    errors = f"access_num_{request.remote_addr}"
    if int(store.get(errors) or 0) >= LOGIN_ERRORS:
        return answer("4201", "too often")
    user = User.query.filter_by(mobile=wish["mobile"]).first()
    if user is None or not check_password_hash(user.password_hash, wish["password"]):
        store.incr(errors)
        store.expire(errors, LOGIN_ERROR_SECONDS)
        return answer("4102", "the number or the password is wrong")
    sign_in(user)
    return answer(user_id=user.id)


@app.get("/api/v1.0/session")
def check_login():
    if session.get("name") is None:
        return answer("4101", "nobody is signed in")
    return answer(name=session["name"], user_id=session["user_id"])
