/** A programme in which somebody asked for something, for the examples of this noun. */
export const oneRequest = [
  'tenant create northwind --name "Northwind Traders"',
  'partner create acme --name "Acme Resale" --type reseller --currency EUR',
  'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop"',
  'bonus add acme acme-shop 250.00 EUR --reason "launch target met"',
];
