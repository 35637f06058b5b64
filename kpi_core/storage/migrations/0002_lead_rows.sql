-- Facts with a mark where they stand, the events of one lead side by side, and what the ways in
-- need.

-- Facts as they came, event by event. `withdrawn`: the stage is not reached, or no longer.
-- `stands`: of all that was said of the lead's stage, or of its activity and moment, this counts.
-- `inherited`: the first channel of the lead, for an event that stands and has none of its own.
create table event_rows (
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
    quality double,
    withdrawn boolean not null,
    stands boolean not null,
    inherited varchar
);

insert into event_rows
with ranked as (
    select e.*, row_number() over (
        partition by
            e.lead_id, e.stage, e.activity,
            case when e.activity is not null then e.occurred_at end
        order by e.import_id desc, e.occurred_at nulls last, e.line
    ) as place
    from events e
    where e.import_id not in (select import_id from imports where undone_at is not null)
)
select
    r.import_id, r.line, r.source, r.lead_id, r.stage, r.activity, r.occurred_at, r.channel,
    r.campaign, r.owner, r.account, r.amount, r.quality, false, r.place = 1,
    case when r.place = 1 and r.channel is null then k.channel end
from ranked r
left join kept k
    on r.place = 1
    and k.lead_id = r.lead_id
    and k.stage is not distinct from r.stage
    and k.activity is not distinct from r.activity
    and (r.activity is null or k.occurred_at is not distinct from r.occurred_at)
union all
select
    import_id, line, source, lead_id, stage, activity, occurred_at, channel, campaign, owner,
    account, amount, quality, false, false, null
from events
where import_id in (select import_id from imports where undone_at is not null);

drop table events;
drop table kept;

-- Facts as they came, a row of a file of leads with the moments of the stages side by side.
-- Masks of stages are sums of 1 for the first stage, 2 for the second and so on: `undated` has
-- those reached nobody knows when, `amount_stages` and `quality_stages` those to which the amount
-- and the quality belong, and `standing` those for which this row counts.
create table lead_rows (
    import_id integer not null,
    line bigint not null,
    source varchar not null,
    lead_id bigint not null,
    channel varchar,
    campaign varchar,
    owner varchar,
    account varchar,
    lead_at timestamp,
    marketing_qualified_at timestamp,
    sales_qualified_at timestamp,
    opportunity_at timestamp,
    won_at timestamp,
    lost_at timestamp,
    renewed_at timestamp,
    churned_at timestamp,
    undated integer not null,
    amount double,
    amount_stages integer not null,
    quality double,
    quality_stages integer not null,
    standing integer not null,
    inherited varchar
);

-- The stages of which a row of `lead_rows` says something, as a mask.
create macro stages_said(a, b, c, d, e, f, g, h, undated) as
    undated
    | case when a is null then 0 else 1 end
    | case when b is null then 0 else 2 end
    | case when c is null then 0 else 4 end
    | case when d is null then 0 else 8 end
    | case when e is null then 0 else 16 end
    | case when f is null then 0 else 32 end
    | case when g is null then 0 else 64 end
    | case when h is null then 0 else 128 end;

-- The events of a relation of the columns of `lead_rows`, one below the other.
create macro events_of(relation) as table
    select import_id, line, source, lead_id, 'lead' as stage, 1 as bit,
        lead_at as occurred_at, channel, campaign, owner, account,
        case when (amount_stages & 1) <> 0 then amount end as amount,
        case when (quality_stages & 1) <> 0 then quality end as quality,
        (standing & 1) <> 0 as stands, inherited
    from query_table(relation)
    where lead_at is not null or (undated & 1) <> 0
    union all
    select import_id, line, source, lead_id, 'marketing_qualified', 2,
        marketing_qualified_at, channel, campaign, owner, account,
        case when (amount_stages & 2) <> 0 then amount end,
        case when (quality_stages & 2) <> 0 then quality end,
        (standing & 2) <> 0, inherited
    from query_table(relation)
    where marketing_qualified_at is not null or (undated & 2) <> 0
    union all
    select import_id, line, source, lead_id, 'sales_qualified', 4,
        sales_qualified_at, channel, campaign, owner, account,
        case when (amount_stages & 4) <> 0 then amount end,
        case when (quality_stages & 4) <> 0 then quality end,
        (standing & 4) <> 0, inherited
    from query_table(relation)
    where sales_qualified_at is not null or (undated & 4) <> 0
    union all
    select import_id, line, source, lead_id, 'opportunity', 8,
        opportunity_at, channel, campaign, owner, account,
        case when (amount_stages & 8) <> 0 then amount end,
        case when (quality_stages & 8) <> 0 then quality end,
        (standing & 8) <> 0, inherited
    from query_table(relation)
    where opportunity_at is not null or (undated & 8) <> 0
    union all
    select import_id, line, source, lead_id, 'won', 16,
        won_at, channel, campaign, owner, account,
        case when (amount_stages & 16) <> 0 then amount end,
        case when (quality_stages & 16) <> 0 then quality end,
        (standing & 16) <> 0, inherited
    from query_table(relation)
    where won_at is not null or (undated & 16) <> 0
    union all
    select import_id, line, source, lead_id, 'lost', 32,
        lost_at, channel, campaign, owner, account,
        case when (amount_stages & 32) <> 0 then amount end,
        case when (quality_stages & 32) <> 0 then quality end,
        (standing & 32) <> 0, inherited
    from query_table(relation)
    where lost_at is not null or (undated & 32) <> 0
    union all
    select import_id, line, source, lead_id, 'renewed', 64,
        renewed_at, channel, campaign, owner, account,
        case when (amount_stages & 64) <> 0 then amount end,
        case when (quality_stages & 64) <> 0 then quality end,
        (standing & 64) <> 0, inherited
    from query_table(relation)
    where renewed_at is not null or (undated & 64) <> 0
    union all
    select import_id, line, source, lead_id, 'churned', 128,
        churned_at, channel, campaign, owner, account,
        case when (amount_stages & 128) <> 0 then amount end,
        case when (quality_stages & 128) <> 0 then quality end,
        (standing & 128) <> 0, inherited
    from query_table(relation)
    where churned_at is not null or (undated & 128) <> 0;

-- All facts that are events, as they came. `bit` is set for those that came side by side.
create view events as
select
    import_id, line, source, lead_id, stage, activity, cast(null as integer) as bit, occurred_at,
    channel, campaign, owner, account, amount, quality, withdrawn, stands, inherited
from event_rows
union all
select
    import_id, line, source, lead_id, stage, null, bit, occurred_at, channel, campaign, owner,
    account, amount, quality, false, stands, inherited
from events_of('lead_rows');

-- What stands: one row per lead and stage, and per lead, activity and moment.
-- `own_channel` is the event's; `channel` is that, or else the lead's first.
create view kept as
select
    source, lead_id, stage, activity, occurred_at, cast(occurred_at as date) as day,
    coalesce(channel, inherited) as channel, channel as own_channel, campaign, owner, account,
    amount, quality
from events
where stands;

-- What stands per month before and after an import, of all it says or changes.
create table import_months (
    import_id integer not null,
    name varchar not null,
    month date not null,
    before double not null,
    after double not null
);

-- Mappings saved under a name.
create table saved_mappings (
    name varchar not null,
    document varchar not null,
    fingerprint varchar not null,
    saved_at timestamp not null,
    saved_by varchar not null
);

-- A token's text is shown once and never kept: `digest` is its SHA-256.
create table tokens (
    token_id integer not null,
    name varchar not null,
    scope varchar not null,
    digest varchar not null,
    made_at timestamp not null,
    made_by varchar not null,
    used_at timestamp,
    revoked_at timestamp,
    revoked_by varchar
);

-- One row, made when it is first asked for.
create table secret (
    key blob not null
);

alter table imports add column file_hash varchar;
update imports set file_hash = '';
