/** Rails that leave as files for a bank or a provider; whatever none of them takes is paid by hand, from the register. */
export const FILE_RAILS = ['sepa', 'nacha', 'paypal', 'wise'] as const;
export type FileRailName = (typeof FILE_RAILS)[number];
