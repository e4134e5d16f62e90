import { eventCalled, eventsInScope, inScope, salesInScope, type DoctorCheck, type Scan } from './doctor.ts';
import { known, TERMS } from './doctor-entries.ts';
import { ruleCalled } from './doctor-terms.ts';

/**
 * Which rule wins, decided a second time in SQL (SEMANTICS §3): every place and day that has entries, once, beside every
 * rule version in force there and known then.
 */

/** Narrowest first; a product makes a scope narrower than itself and wider than the next. */
const RANK = `(case r.scope when 'account' then 0 when 'instance' then 2 when 'partner' then 4 when 'tier' then 6 else 8 end
  + case when r.product_id is null then 1 else 0 end)::bigint`;

/** One equality a scope, so that each is a hash join, however many rules and places there are. */
const CONTAINS: Readonly<Record<string, string>> = {
  account: 'r.account_id = p.account_id',
  instance: 'r.instance_id = p.instance_id',
  partner: 'r.partner_id = p.partner_id',
  tier: 'r.tier = p.tier',
  programme: 'true',
};

const candidates = Object.entries(CONTAINS).map(
  ([scope, contains]) => `select p.place, v.id, v.kind, v.includes, ${RANK} * 1000000000000 + v.id as key
    from places p join rules r on r.slot = 'own' and r.scope = '${scope}' and ${contains} and (r.product_id is null or r.product_id = p.product_id)
    join rule_versions v on v.rule_id = r.id and v.valid @> p.rated_on and ${known('v', 'p.known_seq')}`,
);

const verdicts: Scan = {
  name: 'verdicts',
  rows: (scope) => `from (
      with places as materialized (
        select row_number() over () as place, g.* from (
          select e.instance_id, w.partner_id, n.tier, t.rated_on, n.known_seq, n.rule_version_id,
            case when t.account_id in (select account_id from rules where account_id is not null) then t.account_id end as account_id,
            case when t.product_id in (select product_id from rules where product_id is not null) then t.product_id end as product_id,
            count(*) as entries, min(n.event_id) as example
          from entries n
          join revenue_events e on e.id = n.event_id and ${eventsInScope(scope, 'e')}
          left join ${salesInScope(scope)} s on s.id = e.sale_id ${TERMS}
          left join ledger_accounts w on w.id = n.wallet_id
          -- what went to others was decided by no rule
          where n.leg = 0 and t.rated and not t.unknown and n.reason is distinct from 'reattributed' and ${inScope(scope, 'n')}
          group by 1, 2, 3, 4, 5, 6, 7, 8
        ) g
      ),
      judged as (
        select place, min(key) filter (where kind = 'exclude') as excluded, min(key) filter (where includes) as included,
          min(key) filter (where kind <> 'exclude') as rate
        from (${candidates.join(' union all ')}) c group by place
      )
      select p.*, case when p.partner_id is null then null
          when j.excluded < coalesce(j.included, 9223372036854775807) then j.excluded % 1000000000000
          else j.rate % 1000000000000 end as winner_id
      from places p left join judged j on j.place = p.place
    ) p
    left join rule_versions v on v.id = p.rule_version_id
    left join rule_versions u on u.id = p.winner_id where true`,
  called: `'entry of ' || coalesce((select ${eventCalled('e_')} from revenue_events e_ where e_.id = p.example), '?')
    || case when p.entries > 1 then ' and ' || (p.entries - 1) || ' like it' else '' end`,
};

export const precedenceChecks: readonly DoctorCheck[] = [
  {
    name: 'entry_rule_wins',
    group: 'entries',
    weight: 'difference',
    proves: 'the rule that decided an entry is the narrowest in force, and no exclusion had the last word over it (§3)',
    scan: verdicts,
    offends: `p.rule_version_id is distinct from p.winner_id`,
    says: `'was decided by ' || coalesce('the ' || ${ruleCalled('v')}, 'no rule') || ', ' || coalesce('the ' || ${ruleCalled('u')} || ' wins', 'none applies')`,
  },
];
