"""The peer: the browse page as the old shop was written, on Flask, Flask-SQLAlchemy, psycopg2 and boto3.

Run by gunicorn with one worker; it reads the tables of the new shop and shows the same 24 items with presigned links.
"""

import os

import boto3
from flask import Flask, render_template_string, request
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["BENCH_SQLALCHEMY_URL"]
db = SQLAlchemy(app)
s3 = boto3.client("s3")


class Member(db.Model):  # type: ignore[name-defined,misc]
    __tablename__ = "members"
    id = db.Column(db.BigInteger, primary_key=True)
    name = db.Column(db.Text)


class Item(db.Model):  # type: ignore[name-defined,misc]
    __tablename__ = "items"
    id = db.Column(db.BigInteger, primary_key=True)
    title = db.Column(db.Text)
    price = db.Column(db.BigInteger)
    size = db.Column(db.Text)
    brand = db.Column(db.Text)
    condition = db.Column(db.Text)
    state = db.Column(db.Text)
    seller_id = db.Column(db.BigInteger, db.ForeignKey("members.id"))
    seller = db.relationship(Member)
    photos = db.relationship("Photo", order_by="Photo.position")


class Photo(db.Model):  # type: ignore[name-defined,misc]
    __tablename__ = "photos"
    key = db.Column(db.Text, primary_key=True)
    item_id = db.Column(db.BigInteger, db.ForeignKey("items.id"))
    position = db.Column(db.SmallInteger)


PAGE = """<!doctype html><title>secondhand</title><h1>Clothes</h1><p>{{ total }} clothes</p>
{% for item in items %}<article><a href="/items/{{ item.id }}">
{% for photo in item.photos[:1] %}<img alt="{{ item.title }}" src="{{ link(photo.key ~ '-640.jpg') }}"
  srcset="{{ link(photo.key ~ '-320.jpg') }} 320w, {{ link(photo.key ~ '-640.jpg') }} 640w">{% endfor %}
<h3>{{ item.title }}</h3><p>{{ item.size }} {{ item.brand }} {{ item.condition }}</p>
<p>€{{ "%.2f" % (item.price / 100) }}</p></a></article>{% endfor %}"""


def link(name: str) -> str:
    params = {"Bucket": "bench", "Key": f"pictures/{name}"}
    url: str = s3.generate_presigned_url("get_object", Params=params, ExpiresIn=7200)
    return url


@app.get("/")
def browse() -> str:
    query = Item.query.filter(Item.state != "sold")
    page = int(request.args.get("page", 1))
    items = query.order_by(Item.id.desc()).offset((page - 1) * 24).limit(24).all()
    return render_template_string(PAGE, items=items, total=query.count(), link=link)
