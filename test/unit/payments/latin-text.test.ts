import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toAscii, toSepa } from '../../../src/formats/payments/latin-text.ts';

describe('Latin text', () => {
  it('is letters of Europe without their marks, and its other alphabets as the banks write them', () => {
    const written = (text: string) => toAscii(text).text;
    expect(written('Łódź, Ærøskøbing, Müßig, Þórr, Đặng, İzmir ılık')).toBe(
      'Lodz, Aeroskobing, Mussig, Thorr, Dang, Izmir ilik',
    );
    expect(written('Θεσσαλονίκη')).toBe('Thessaloniki');
    expect(written('ΘΕΑ')).toBe('THEA');
    expect(written('Щастие и Йовчев, Київ')).toBe('Shtastie i Yovchev, Kiiv');
    expect(written('“Ｆｕｌｌ” – ﬁt €5')).toBe('"Full" - fit EUR5');
    expect(written('a\r\n\tb\u00a0 c\u200b')).toBe('a b c');
  });

  it('for SEPA keeps to the marks that every bank takes, and to no slash at an end nor two in a row', () => {
    expect(toSepa('A&B_[x]|"y"; 5%').text).toBe('A+B-(x)/.y., 5.');
    expect(toSepa('//a///b/').text).toBe('a/b');
  });

  it('names what it cannot write', () => {
    expect(toAscii('株式会社 Acme')).toEqual({ text: 'Acme', unknown: ['株', '式', '会', '社'] });
  });

  it('whatever is given, only its own letters come out, and a second time changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const sepa = toSepa(text);
        expect(sepa.text).toMatch(/^[A-Za-z0-9/\-?:().,'+ ]*$/);
        expect(sepa.text).not.toMatch(/\/\/|^\/|\/$/);
        expect(toSepa(sepa.text)).toEqual({ text: sepa.text, unknown: [] });
        expect(toAscii(text).text).toMatch(/^[\x20-\x7e]*$/);
      }),
    );
  });
});
