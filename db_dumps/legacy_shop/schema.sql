-- What Flask-SQLAlchemy's db.create_all() sends to MySQL for the models User and AddClothe.
-- Unique keys and the index of the foreign key are named by the server, as they were then.

create table `user` (
	id integer not null auto_increment,
	username varchar(80) not null,
	email varchar(120) not null,
	password varchar(255) not null,
	is_admin bool not null default 0,
	created datetime,
	primary key (id),
	unique (username),
	unique (email)
);

create table add_clothe (
	id integer not null auto_increment,
	name varchar(120) not null,
	description text,
	price numeric(10, 2) not null,
	size varchar(20),
	`condition` varchar(40),
	category varchar(50) not null,
	brand varchar(80),
	colour varchar(30),
	image varchar(255),
	sold bool not null default 0,
	user_id integer not null,
	created datetime,
	primary key (id),
	foreign key(user_id) references `user` (id)
);
