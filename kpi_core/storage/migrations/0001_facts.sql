-- The store as it starts: facts as they came, what stands of them, and what is added up per day.
-- Facts are only ever added. An undone import keeps its rows and no longer counts.

create table state (
    version bigint not null,
    leads bigint not null
);
insert into state values (0, 0);

-- The ledger: one row per import.
create table imports (
    import_id integer not null,
    source varchar not null,
    file_name varchar not null,
    content_hash varchar not null,
    mapping_name varchar not null,
    mapping varchar not null,
    row_total bigint not null,
    new_facts bigint not null,
    changed_facts bigint not null,
    unchanged_facts bigint not null,
    new_leads bigint not null,
    undated bigint not null,
    rejected_rows bigint not null,
    flagged bigint not null,
    data_through timestamp,
    demo boolean not null,
    imported_at timestamp not null,
    imported_by varchar not null,
    undone_at timestamp,
    undone_by varchar
);

create table import_issues (
    import_id integer not null,
    code varchar not null,
    line bigint,
    column_name varchar,
    cell varchar,
    severity varchar not null
);

-- Which stages, activities and measures an import speaks of.
create table coverage (
    import_id integer not null,
    what varchar not null,
    name varchar not null,
    newest date,
    facts bigint not null
);

-- A lead is known by its id in its source. Everything else speaks of it by a number of ours.
create table leads (
    lead_id bigint not null,
    source varchar not null,
    lead varchar not null
);

-- Facts as they came.
create table events (
    import_id integer not null,
    line bigint not null,
    source varchar not null,
    lead_id bigint not null,
    stage varchar,
    activity varchar,
    occurred_at timestamp,
    channel varchar,
    campaign varchar,
    owner varchar,
    account varchar,
    amount double,
    quality double
);

create table attributes (
    import_id integer not null,
    line bigint not null,
    lead_id bigint not null,
    name varchar not null,
    value varchar not null
);

create table counts (
    import_id integer not null,
    line bigint not null,
    source varchar not null,
    stage varchar not null,
    day date not null,
    channel varchar,
    leads double not null
);

create table measures (
    import_id integer not null,
    line bigint not null,
    source varchar not null,
    measure varchar not null,
    day date not null,
    channel varchar,
    value double not null
);

-- What stands: one row per lead and stage, and per lead, activity and moment.
-- `own_channel` is the event's; `channel` is that, or else the lead's first.
create table kept (
    source varchar not null,
    lead_id bigint not null,
    stage varchar,
    activity varchar,
    occurred_at timestamp,
    day date,
    channel varchar,
    own_channel varchar,
    campaign varchar,
    owner varchar,
    account varchar,
    amount double,
    quality double
);

create table kept_attributes (
    lead_id bigint not null,
    name varchar not null,
    value varchar not null
);

-- Counts have a stage, measures a measure.
create table kept_numbers (
    source varchar not null,
    stage varchar,
    measure varchar,
    day date not null,
    channel varchar,
    value double not null
);

-- How far along the funnel each stage lies.
create table stages (
    stage varchar not null,
    place integer not null
);
insert into stages values
    ('lead', 0),
    ('marketing_qualified', 1),
    ('sales_qualified', 2),
    ('opportunity', 3),
    ('won', 4),
    ('lost', 4),
    ('renewed', 5),
    ('churned', 5);

-- What is rolled up. `lead_conditions` counts the attributes of the lead that conditions name.
create table tallies (
    tally varchar not null,
    kind varchar not null,
    stage varchar,
    name varchar,
    to_stage varchar,
    at_least integer not null,
    closing_day integer,
    source varchar,
    lead_conditions integer not null,
    on_channel boolean not null,
    on_campaign boolean not null,
    on_owner boolean not null,
    on_account boolean not null,
    document varchar not null
);

-- `of_event`: the condition is on a column of the event, not on an attribute of the lead.
create table tally_conditions (
    tally varchar not null,
    position integer not null,
    of_event boolean not null,
    attribute varchar not null,
    operator varchar not null,
    number double
);

create table tally_values (
    tally varchar not null,
    position integer not null,
    value varchar not null
);

-- The rollup. `channel` is empty where none is known.
create table rollup (
    tally varchar not null,
    day date not null,
    channel varchar not null,
    value double not null
);

-- Leads that reached a stage nobody knows when.
create table undated (
    stage varchar not null,
    leads bigint not null
);

create table revisions (
    entry bigint not null,
    plan varchar not null,
    revision integer not null,
    effective_from date,
    document varchar not null,
    saved_by varchar not null,
    reason varchar not null,
    saved_at timestamp not null
);

-- Who did what. `subject` is an import's number or a plan's name.
create table audit (
    entry bigint not null,
    done_at timestamp not null,
    done_by varchar not null,
    action varchar not null,
    subject varchar not null,
    detail varchar not null
);

-- Texts are compared in lower case, full-width letters and digits as half-width ones.
create macro folded(value) as lower(trim(translate(
    value,
    '！＂＃＄％＆＇（）＊＋，－．／０１２３４５６７８９：；＜＝＞？＠ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ［＼］＾＿｀ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ｛｜｝～　',
    '!"#$%&''()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcdefghijklmnopqrstuvwxyz{|}~ '
)));

-- The number a text stands for, thousands separators removed; null for anything else.
create macro as_number(value) as
    cast(try_cast(replace(folded(value), ',', '') as decimal(38, 9)) as double);

-- The business month of a day, as the first day of the calendar month in which it closes.
create macro business_month(day, closing_day) as
    cast(date_trunc('month', day) + case
        when extract(day from day) > closing_day then interval '1 month'
        else interval '0 month'
    end as date);
