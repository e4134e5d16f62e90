/** An instance, and one that has hold days of its own. */
export const oneInstance = [
  'tenant create northwind --name "Northwind Traders"',
  'partner create acme --name "Acme Resale" --type reseller --currency EUR',
  'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop"',
];
export const ownDays = [...oneInstance, 'settings set hold_days 7 --instance acme-shop'];
