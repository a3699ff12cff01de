-- Decimals are compared, sorted and added up exactly: a typed column and its index beside those of doubles.
alter table entry_fields add column decimal_value numeric;
create index entry_fields_decimal on entry_fields
  (tenant_id, environment_id, type, perspective, field, locale, decimal_value, published_at desc, entry_id desc)
  where decimal_value is not null;

-- The dimensions of an image, in pixels, as far as they are known: fields may ask for some.
alter table assets add column width integer check (width > 0);
alter table assets add column height integer check (height > 0);
