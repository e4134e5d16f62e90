/** Every table of a programme, for the test that compares them with the database. Queries import the nouns they read. */
export * from './accounts.ts';
export * from './fx.ts';
export * from './history.ts';
export * from './holds.ts';
export * from './instances.ts';
export * from './jobs.ts';
export * from './ledger.ts';
export * from './partners.ts';
export * from './payouts.ts';
export * from './programme.ts';
export * from './rating.ts';
export * from './requests.ts';
export * from './revenue.ts';
export * from './reviews.ts';
export * from './rules.ts';
export * from './subscriptions.ts';
export * from './tenants.ts';
