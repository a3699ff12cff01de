-- What an entry was when it was deleted, which conditions of grants ask for; null for what was deleted before they were kept.
alter table trash add column facts jsonb;
