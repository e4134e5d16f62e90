/**
 * What a sale costs wholesale: as billing said, else as its first decision took it from a subscription. Of the sale `s`, and
 * of the event `e` that is its own sale. By the key, one look each, and only asked for where rules of margin want to know.
 */
export const SALE_WHOLESALE = `coalesce(s.wholesale_net_minor, (select k.wholesale_net_minor from subscription_costs k where k.sale_id = s.id))`;
export const EVENT_WHOLESALE = `coalesce(e.wholesale_net_minor,
  (select k.wholesale_net_minor from subscription_costs k where k.event_id = e.id and k.sale_id is null))`;
