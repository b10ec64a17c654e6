BEGIN TRANSACTION;
CREATE TABLE acting (
	subscriber_id INTEGER NOT NULL, 
	channel_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	PRIMARY KEY (subscriber_id), 
	FOREIGN KEY(channel_id) REFERENCES subscribers (id) ON DELETE CASCADE, 
	FOREIGN KEY(subscriber_id) REFERENCES subscribers (id) ON DELETE CASCADE
);
CREATE TABLE added_sources (
	id TEXT NOT NULL, 
	url TEXT NOT NULL, 
	side TEXT NOT NULL, 
	name TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	lang TEXT NOT NULL, 
	created BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (url)
);
CREATE TABLE admissions (
	entry TEXT NOT NULL, 
	brought_by TEXT, 
	created BIGINT NOT NULL, 
	PRIMARY KEY (entry)
);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0008');
CREATE TABLE broadcasts (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	text TEXT NOT NULL, 
	created BIGINT NOT NULL, 
	confirmed BIGINT
);
INSERT INTO "broadcasts" VALUES(1,'The bot moves house tonight',1795350180000000,1795350180000000);
CREATE TABLE "deliveries" (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	subscriber_id INTEGER NOT NULL, 
	story_id INTEGER, 
	rule_id INTEGER, 
	state TEXT NOT NULL, 
	due BIGINT NOT NULL, 
	attempts INTEGER NOT NULL, 
	unknown BOOLEAN DEFAULT 0 NOT NULL, 
	ref TEXT, 
	reason TEXT, 
	created BIGINT NOT NULL, 
	settled BIGINT, 
	urgency INTEGER DEFAULT 2 NOT NULL, 
	broadcast_id INTEGER, 
	told BIGINT, 
	told_level TEXT, 
	told_revision INTEGER, 
	told_digest BLOB, told_number INTEGER, told_rule TEXT, held BIGINT, held_level TEXT, told_heads JSON, rung_ref TEXT, rung_head JSON, warned BIGINT, begun BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT one_delivery_a_chat_and_story UNIQUE (subscriber_id, story_id), 
	CONSTRAINT deliveries_of_broadcasts FOREIGN KEY(broadcast_id) REFERENCES broadcasts (id) ON DELETE CASCADE, 
	FOREIGN KEY(subscriber_id) REFERENCES subscribers (id) ON DELETE CASCADE, 
	FOREIGN KEY(story_id) REFERENCES stories (id) ON DELETE CASCADE
);
INSERT INTO "deliveries" VALUES(1,1,1,1,'sent',1795350810000000,1,0,'1',NULL,1795349610000000,1795349610000000,4,NULL,1795348890000000,'breaking',3,X'5EBBCD48BEE49A1E64405CE9E7835698',1,'mig OR airspace',NULL,NULL,'[[1, 1795348890000000, null], [2, 1795349010000000, null]]','3','[3, 1795349610000000, null]',NULL,1);
INSERT INTO "deliveries" VALUES(2,2,1,1,'sent',1795350810000000,1,0,'1',NULL,1795349610000000,1795349610000000,1,NULL,1795348890000000,'breaking',1,X'76DF6239450E421E02D312E5146D8BB3',1,'mig OR airspace',1795349610000000,'breaking','[[1, 1795348890000000, null]]',NULL,'null',NULL,0);
INSERT INTO "deliveries" VALUES(3,3,1,1,'sent',1795350810000000,1,0,'2','message to edit not found',1795349610000000,1795349610000000,1,NULL,1795348890000000,'major',2,X'DC25E85A3E0A76D1A44011A65939AB84',1,'mig OR airspace',NULL,NULL,'[[1, 1795348890000000, null]]',NULL,'[2, 1795349010000000, null]',NULL,1);
INSERT INTO "deliveries" VALUES(4,4,1,1,'queued',1795359690000000,1,0,NULL,'asked to wait 10800 s',1795348890000000,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1);
INSERT INTO "deliveries" VALUES(5,5,1,1,'dead',1795350090000000,1,0,NULL,'message is too long',1795348890000000,1795348890000000,2,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1);
INSERT INTO "deliveries" VALUES(6,6,1,1,'sent',1795350810000000,1,0,'1',NULL,1795349610000000,1795349610000000,4,NULL,1795348890000000,'breaking',3,X'5EBBCD48BEE49A1E64405CE9E7835698',1,'mig OR airspace',NULL,NULL,'[[1, 1795348890000000, null], [2, 1795349190000000, null]]','3','[3, 1795349610000000, null]',NULL,1);
INSERT INTO "deliveries" VALUES(17,8,2,8,'sent',1795351290000000,1,0,'1',NULL,1795350090000000,1795350090000000,4,NULL,1795349610000000,'normal',2,X'B193A98F3F3CABABBE645C960F9F4201',1,'cable',NULL,NULL,'[[4, 1795349610000000, "Baltic cable NOT cut by Russian ship, NATO says", true, 1795350090000000]]','2','[4, 1795350090000000, null]',1795350090000000,1);
INSERT INTO "deliveries" VALUES(18,9,3,9,'queued',1795350300000000,0,0,'1',NULL,1795350300000000,1795349610000000,4,NULL,1795349610000000,'normal',1,X'D41E0FE5970C5061FAC28D7286709693',1,'prisoners',NULL,NULL,NULL,NULL,'null',NULL,1);
INSERT INTO "deliveries" VALUES(20,1,NULL,NULL,'sent',1795351410000000,1,0,'4',NULL,1795350180000000,1795350210000000,3,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1);
INSERT INTO "deliveries" VALUES(21,2,NULL,NULL,'sent',1795351410000000,1,0,'2',NULL,1795350180000000,1795350210000000,3,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1);
INSERT INTO "deliveries" VALUES(22,3,NULL,NULL,'sent',1795351410000000,1,0,'3',NULL,1795350180000000,1795350210000000,3,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1);
INSERT INTO "deliveries" VALUES(23,4,NULL,NULL,'sent',1795351410000000,1,0,'1',NULL,1795350180000000,1795350210000000,3,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1);
INSERT INTO "deliveries" VALUES(24,5,NULL,NULL,'sent',1795351410000000,1,0,'1',NULL,1795350180000000,1795350210000000,3,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1);
INSERT INTO "deliveries" VALUES(25,8,NULL,NULL,'sent',1795351410000000,1,0,'3',NULL,1795350180000000,1795350210000000,3,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1);
INSERT INTO "deliveries" VALUES(26,9,NULL,NULL,'sent',1795351410000000,1,0,'2',NULL,1795350180000000,1795350210000000,3,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1);
CREATE TABLE drafts (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	subscriber_id INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	created BIGINT NOT NULL, 
	FOREIGN KEY(subscriber_id) REFERENCES subscribers (id) ON DELETE CASCADE
);
CREATE TABLE fanouts (
	story_id INTEGER NOT NULL, 
	"after" INTEGER NOT NULL, 
	PRIMARY KEY (story_id), 
	FOREIGN KEY(story_id) REFERENCES stories (id) ON DELETE CASCADE
);
CREATE TABLE followings (
	subscriber_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	rule_id INTEGER NOT NULL, 
	created BIGINT NOT NULL, level TEXT, mention TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (subscriber_id, number), 
	FOREIGN KEY(rule_id) REFERENCES rules (id), 
	FOREIGN KEY(subscriber_id) REFERENCES subscribers (id) ON DELETE CASCADE, 
	CONSTRAINT one_following_a_rule UNIQUE (rule_id, subscriber_id)
);
INSERT INTO "followings" VALUES(1,1,1,1795348860000000,NULL,'');
INSERT INTO "followings" VALUES(2,1,1,1795348860000000,NULL,'');
INSERT INTO "followings" VALUES(3,1,1,1795348860000000,NULL,'');
INSERT INTO "followings" VALUES(4,1,1,1795348860000000,NULL,'');
INSERT INTO "followings" VALUES(5,1,1,1795348860000000,NULL,'');
INSERT INTO "followings" VALUES(6,1,1,1795348860000000,NULL,'');
INSERT INTO "followings" VALUES(8,1,8,1795348860000000,NULL,'');
INSERT INTO "followings" VALUES(9,1,9,1795348860000000,NULL,'');
CREATE TABLE former_titles (
	id INTEGER NOT NULL, 
	item_id INTEGER NOT NULL, 
	title TEXT NOT NULL, 
	until BIGINT NOT NULL, reverses BOOLEAN DEFAULT 0 NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(item_id) REFERENCES items (id) ON DELETE CASCADE
);
INSERT INTO "former_titles" VALUES(1,4,'Baltic cable cut by Russian ship, NATO says',1795350090000000,1);
CREATE TABLE item_keys (
	"key" BLOB NOT NULL, 
	item_id INTEGER NOT NULL, 
	seen BIGINT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "item_keys" VALUES(X'5AB32F39B02EC0598BED4F35CCB7D1EF',1,1795348890000000);
INSERT INTO "item_keys" VALUES(X'283493B71DF654DD22D1E16ACC1BE902',1,1795348890000000);
INSERT INTO "item_keys" VALUES(X'5F04EE5B7CFA39B2516F3D9D641EF50D',1,1795348890000000);
INSERT INTO "item_keys" VALUES(X'A1C264F7395837B531B72911261ED893',2,1795349010000000);
INSERT INTO "item_keys" VALUES(X'7E7FDC39441B3AB7C5167C0E18D0F2B6',2,1795349010000000);
INSERT INTO "item_keys" VALUES(X'1AF5644823EFC8724DACE355E0F65E1A',2,1795349010000000);
INSERT INTO "item_keys" VALUES(X'EBD9D0E16CE38FF5A6C78C56F6DF61A2',3,1795349610000000);
INSERT INTO "item_keys" VALUES(X'26829BB9A4E483463F20A02A6CE1D796',3,1795349610000000);
INSERT INTO "item_keys" VALUES(X'3EDCF6B8D13812A20C1DDED0E47E6BD8',3,1795349610000000);
INSERT INTO "item_keys" VALUES(X'ED4E7D6485C5D2CB7DF6C6AC2DF05872',4,1795349610000000);
INSERT INTO "item_keys" VALUES(X'00F48C400FE9A0A9C377B5303CA0838B',4,1795349610000000);
INSERT INTO "item_keys" VALUES(X'86759803D339BD461E13F9F249BAA306',4,1795349610000000);
INSERT INTO "item_keys" VALUES(X'36530AF42041D854E64EDCDCCD2750FA',5,1795349610000000);
INSERT INTO "item_keys" VALUES(X'1BBC5AF004ABDA3C533729E521863DF4',5,1795349610000000);
INSERT INTO "item_keys" VALUES(X'004CD81EE5007040D87E701D92B14137',5,1795349610000000);
INSERT INTO "item_keys" VALUES(X'79A6794B787C365EE2EF7ED9262F0E79',4,1795350090000000);
INSERT INTO "item_keys" VALUES(X'D448A7E450C860D897B4801CD3C17FA9',6,1795350300000000);
INSERT INTO "item_keys" VALUES(X'5E7053D522F76FE86375B4263F55AAB0',6,1795350300000000);
INSERT INTO "item_keys" VALUES(X'0BA68C2ED4217BD672578319D8D9BEE5',6,1795350300000000);
CREATE TABLE items (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	story_id INTEGER NOT NULL, 
	source_id TEXT NOT NULL, 
	source_name TEXT NOT NULL, 
	publisher TEXT NOT NULL, 
	publisher_kind TEXT NOT NULL, 
	side TEXT NOT NULL, 
	lang TEXT NOT NULL, 
	url TEXT, 
	title TEXT NOT NULL, 
	summary TEXT NOT NULL, 
	published BIGINT NOT NULL, 
	first_seen BIGINT NOT NULL, 
	relevance TEXT NOT NULL, 
	topics JSON NOT NULL, 
	FOREIGN KEY(story_id) REFERENCES stories (id) ON DELETE CASCADE
);
INSERT INTO "items" VALUES(1,1,'tern','Tern','Tern','other','west','en','https://tern.example/g0','Russian MiG violates Estonian airspace, pilots feared dead','',1795348860000000,1795348890000000,'core','["airspace", "ukraine_war", "baltic"]');
INSERT INTO "items" VALUES(2,1,'northgate','Northgate Wire','Northgate Wire','nato_official','nato','en','https://northgate.example/g0','Russian MiG violates Estonian airspace, two NATO pilots dead','',1795348980000000,1795349010000000,'core','["airspace", "baltic"]');
INSERT INTO "items" VALUES(3,1,'heron','Heron','Heron','other','west','en','https://heron.example/g0','Estonian airspace violated by Russian MiG, pilots dead','',1795349580000000,1795349610000000,'core','["airspace", "ukraine_war", "baltic"]');
INSERT INTO "items" VALUES(4,2,'plover','Plover','Plover','other','west','en','https://plover.example/g0','Baltic cable NOT cut by Russian ship, NATO says','',1795349580000000,1795349610000000,'core','["incident", "hybrid", "statement", "baltic"]');
INSERT INTO "items" VALUES(5,3,'volga','Volga Courier','Volga Courier','russian_state_media','russia','en','https://volga.example/g0','Russia and NATO envoys meet in Vienna for talks on prisoners','',1795349580000000,1795349610000000,'core','["diplomacy", "statement"]');
INSERT INTO "items" VALUES(6,3,'tern','Tern','Tern','other','west','en','https://tern.example/g1','Russian and NATO envoys in Vienna talk about prisoners','',1795350240000000,1795350300000000,'core','["statement"]');
CREATE TABLE matches (
	story_id INTEGER NOT NULL, 
	rule_id INTEGER NOT NULL, at BIGINT DEFAULT 0 NOT NULL, 
	PRIMARY KEY (story_id, rule_id), 
	FOREIGN KEY(story_id) REFERENCES stories (id) ON DELETE CASCADE
);
INSERT INTO "matches" VALUES(1,1,1795349610000000);
INSERT INTO "matches" VALUES(2,8,1795350090000000);
INSERT INTO "matches" VALUES(3,9,1795350300000000);
CREATE TABLE mutes (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	subscriber_id INTEGER NOT NULL, 
	story_id INTEGER, 
	text TEXT, 
	until BIGINT, 
	created BIGINT NOT NULL, 
	FOREIGN KEY(story_id) REFERENCES stories (id) ON DELETE CASCADE, 
	FOREIGN KEY(subscriber_id) REFERENCES subscribers (id) ON DELETE CASCADE
);
INSERT INTO "mutes" VALUES(1,2,1,NULL,1795359780000000,1795348980000000);
CREATE TABLE other_refs (
	ref TEXT NOT NULL, 
	delivery_id INTEGER NOT NULL, 
	PRIMARY KEY (ref, delivery_id), 
	FOREIGN KEY(delivery_id) REFERENCES deliveries (id) ON DELETE CASCADE
);
INSERT INTO "other_refs" VALUES('2',1);
INSERT INTO "other_refs" VALUES('2',3);
INSERT INTO "other_refs" VALUES('2',6);
INSERT INTO "other_refs" VALUES('3',1);
INSERT INTO "other_refs" VALUES('1',3);
INSERT INTO "other_refs" VALUES('3',6);
INSERT INTO "other_refs" VALUES('2',17);
CREATE TABLE poll_states (
	source_id TEXT NOT NULL, 
	asked TEXT NOT NULL, 
	url TEXT, 
	etag TEXT, 
	last_modified TEXT, 
	body_hash TEXT, 
	rhythm JSON NOT NULL, 
	next_poll BIGINT NOT NULL, 
	stored_once BOOLEAN NOT NULL, 
	failures INTEGER NOT NULL, 
	problem TEXT, 
	last_success BIGINT, 
	gone BOOLEAN NOT NULL, checked BIGINT, unconditional_until BIGINT, keeps_ids BOOLEAN DEFAULT 0 NOT NULL, 
	PRIMARY KEY (source_id)
);
INSERT INTO "poll_states" VALUES('volga','https://volga.example/feed',NULL,NULL,NULL,NULL,'[1795349580.0]',1795350360000000,1,0,NULL,1795350300000000,0,1795348830000000,NULL,1);
INSERT INTO "poll_states" VALUES('tern','https://tern.example/feed',NULL,NULL,NULL,NULL,'[1795348860.0, 1795350300.0]',1795350360000000,1,0,NULL,1795350300000000,0,1795348830000000,NULL,1);
INSERT INTO "poll_states" VALUES('heron','https://heron.example/feed',NULL,NULL,NULL,NULL,'[1795349580.0]',1795350360000000,1,0,NULL,1795350300000000,0,1795348830000000,NULL,1);
INSERT INTO "poll_states" VALUES('plover','https://plover.example/feed',NULL,NULL,NULL,NULL,'[1795349580.0]',1795350360000000,1,0,NULL,1795350300000000,0,1795348830000000,NULL,1);
INSERT INTO "poll_states" VALUES('volga-ru','https://volga-ru.example/feed',NULL,NULL,NULL,NULL,'[]',1795350360000000,0,0,'has no entries',1795350300000000,0,1795348830000000,NULL,0);
INSERT INTO "poll_states" VALUES('northgate','https://northgate.example/feed',NULL,NULL,NULL,NULL,'[1795348980.0]',1795350360000000,1,0,NULL,1795350300000000,0,1795348830000000,NULL,1);
CREATE TABLE publications (
	subscriber_id INTEGER NOT NULL, 
	ref TEXT NOT NULL, 
	queued BIGINT NOT NULL, 
	PRIMARY KEY (subscriber_id, ref), 
	FOREIGN KEY(subscriber_id) REFERENCES subscribers (id) ON DELETE CASCADE
);
CREATE TABLE rules (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	text TEXT NOT NULL, 
	names_relevance BOOLEAN NOT NULL, 
	UNIQUE (text)
);
INSERT INTO "rules" VALUES(1,'mig OR airspace',0);
INSERT INTO "rules" VALUES(8,'cable',0);
INSERT INTO "rules" VALUES(9,'prisoners',0);
CREATE TABLE stories (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	relevance TEXT NOT NULL, 
	topics JSON NOT NULL, 
	level TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	created BIGINT NOT NULL, 
	updated BIGINT NOT NULL
);
INSERT INTO "stories" VALUES(1,'core','["airspace", "ukraine_war", "baltic"]','breaking',3,1795348890000000,1795349610000000);
INSERT INTO "stories" VALUES(2,'core','["incident", "hybrid", "statement", "baltic"]','normal',2,1795349610000000,1795350090000000);
INSERT INTO "stories" VALUES(3,'core','["diplomacy", "statement"]','normal',2,1795349610000000,1795350300000000);
CREATE TABLE story_levels (
	story_id INTEGER NOT NULL, 
	level TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (story_id, level), 
	FOREIGN KEY(story_id) REFERENCES stories (id) ON DELETE CASCADE
);
INSERT INTO "story_levels" VALUES(1,'major','at least 2 publishers report on airspace, incidents or nuclear arms within 12 hours',1795349010000000);
INSERT INTO "story_levels" VALUES(1,'breaking','at least 3 publishers of 2 groups, including or quoting an official source, report an intrusion into NATO''s airspace within 3 hours',1795349610000000);
CREATE TABLE subscribers (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	platform TEXT NOT NULL, 
	address TEXT NOT NULL, 
	thread TEXT NOT NULL, 
	relevance TEXT NOT NULL, 
	paused_until BIGINT, 
	parked BIGINT, 
	created BIGINT NOT NULL, level TEXT DEFAULT 'normal' NOT NULL, sound TEXT DEFAULT 'normal' NOT NULL, reach TEXT DEFAULT 'itself' NOT NULL, is_channel BOOLEAN DEFAULT 0 NOT NULL, publishes BOOLEAN DEFAULT 0 NOT NULL, set_up_by TEXT, last_number INTEGER DEFAULT 0 NOT NULL, 
	CONSTRAINT one_subscriber_a_chat UNIQUE (platform, address, thread)
);
INSERT INTO "subscribers" VALUES(1,'fake','ann','','core',NULL,NULL,1795348860000000,'normal','normal','itself',0,0,NULL,2);
INSERT INTO "subscribers" VALUES(2,'fake','bob','','core',NULL,NULL,1795348860000000,'normal','normal','itself',0,0,NULL,1);
INSERT INTO "subscribers" VALUES(3,'fake','cat','','core',NULL,NULL,1795348860000000,'normal','normal','itself',0,0,NULL,1);
INSERT INTO "subscribers" VALUES(4,'fake','dan','','core',NULL,NULL,1795348860000000,'normal','normal','itself',0,0,NULL,1);
INSERT INTO "subscribers" VALUES(5,'fake','eve','','core',NULL,NULL,1795348860000000,'normal','normal','itself',0,0,NULL,1);
INSERT INTO "subscribers" VALUES(6,'fake','gus','','core',NULL,1795348980000000,1795348860000000,'normal','normal','itself',0,0,NULL,1);
INSERT INTO "subscribers" VALUES(8,'fake','fay','','core',NULL,NULL,1795348860000000,'normal','normal','itself',0,0,NULL,1);
INSERT INTO "subscribers" VALUES(9,'fake','hal','','core',NULL,NULL,1795348860000000,'normal','normal','itself',0,0,NULL,1);
CREATE TABLE switches (
	source_id TEXT NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	PRIMARY KEY (source_id)
);
CREATE INDEX item_keys_by_age ON item_keys (seen);
CREATE INDEX stories_by_age ON stories (updated);
CREATE INDEX drafts_by_subscriber ON drafts (subscriber_id);
CREATE INDEX items_by_age ON items (first_seen);
CREATE INDEX items_by_relevance ON items (relevance, published);
CREATE INDEX items_by_story ON items (story_id);
CREATE UNIQUE INDEX one_delivery_a_chat_and_broadcast ON deliveries (broadcast_id, subscriber_id) WHERE broadcast_id IS NOT NULL;
CREATE INDEX deliveries_owed ON deliveries (urgency, due) WHERE state IN ('queued', 'sending');
CREATE INDEX deliveries_by_story ON deliveries (story_id, subscriber_id);
CREATE INDEX acting_by_channel ON acting (channel_id);
CREATE INDEX mutes_by_story ON mutes (story_id);
CREATE INDEX mutes_by_subscriber ON mutes (subscriber_id);
CREATE INDEX items_by_url ON items (url, published);
CREATE INDEX former_titles_by_item ON former_titles (item_id);
CREATE INDEX other_refs_by_delivery ON other_refs (delivery_id);
CREATE INDEX mutes_by_end ON mutes (until);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('deliveries',27);
INSERT INTO "sqlite_sequence" VALUES('subscribers',10);
INSERT INTO "sqlite_sequence" VALUES('drafts',9);
INSERT INTO "sqlite_sequence" VALUES('rules',9);
INSERT INTO "sqlite_sequence" VALUES('stories',3);
INSERT INTO "sqlite_sequence" VALUES('items',6);
INSERT INTO "sqlite_sequence" VALUES('mutes',1);
INSERT INTO "sqlite_sequence" VALUES('broadcasts',1);
COMMIT;
