/** Rails that leave as files for a bank or a provider; whatever none of them takes is paid by hand, from the register. */
export const FILE_RAILS = ['sepa', 'nacha', 'paypal', 'wise'] as const;
export type FileRailName = (typeof FILE_RAILS)[number];

/** Rails that call a provider; drizzle/0037_api_rails.sql says the same. */
export const API_RAILS = ['stripe', 'paypal-payouts', 'razorpayx'] as const;
export type ApiRailName = (typeof API_RAILS)[number];

export const RAILS = [...FILE_RAILS, ...API_RAILS] as const;
export type RailName = (typeof RAILS)[number];

/** Who calls back by webhooks, and the rail that they tell of. */
export const PROVIDERS = ['stripe', 'paypal', 'razorpay'] as const;
export type Provider = (typeof PROVIDERS)[number];
export const RAIL_OF: Readonly<Record<Provider, ApiRailName>> = {
  stripe: 'stripe',
  paypal: 'paypal-payouts',
  razorpay: 'razorpayx',
};
