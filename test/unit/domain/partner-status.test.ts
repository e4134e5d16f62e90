import { describe, expect, it } from 'vitest';
import { RefusedError } from '../../../src/domain/errors.ts';
import { assertPartnerTransition, PARTNER_STATUSES, PARTNER_TRANSITIONS } from '../../../src/domain/partner-status.ts';

describe('partner states', () => {
  it('allows exactly what the table says', () => {
    for (const from of PARTNER_STATUSES) {
      for (const to of PARTNER_STATUSES) {
        const attempt = (): void => assertPartnerTransition(from, to);
        if (PARTNER_TRANSITIONS[from].includes(to)) expect(attempt).not.toThrow();
        else expect(attempt).toThrow(RefusedError);
      }
    }
  });

  it('lets a frozen partner be activated or terminated, and nothing else', () => {
    expect(() => assertPartnerTransition('suspended', 'archived')).toThrow(
      expect.objectContaining({
        code: 'partner_transition',
        hint: 'from suspended it can become active or terminated',
      }),
    );
    expect(() => assertPartnerTransition('suspended', 'active')).not.toThrow();
  });

  it('tells a repeated wish from a forbidden one', () => {
    expect(() => assertPartnerTransition('active', 'active')).toThrow(
      expect.objectContaining({ code: 'partner_status_unchanged' }),
    );
    expect(() => assertPartnerTransition('archived', 'active')).toThrow(
      expect.objectContaining({ code: 'partner_transition', hint: 'archived is final' }),
    );
  });
});
