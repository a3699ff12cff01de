-- A GIN index keeps new rows in a list of up to 4 MB. Every search reads all of it, and with it on the
-- planner prefers to read the whole table. A short list costs an insert half a millisecond.
alter index search_texts_document set (gin_pending_list_limit = 128);
select gin_clean_pending_list('search_texts_document');
