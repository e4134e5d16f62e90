import { describe, expect, it } from 'vitest';
import { createNdjsonReader } from '../../src/formats/ndjson-reader.ts';
import { RECORD_LIMIT } from '../../src/formats/records.ts';
import { collect, type Collected } from '../support/record-sink.ts';

const KEYS = ['id', 'amount', 'customer.id'];
const read = (bytes: string | Uint8Array, step?: number): Collected =>
  collect((sink) => createNdjsonReader('in.ndjson', KEYS, sink), bytes, step);

describe('NDJSON', () => {
  it('gives the values asked for as text, with line and bytes', () => {
    const text =
      '{"id":"e1","amount":10.10,"customer":{"id":7}}\r\n\n{"amount":"1.00","id":true,"customer.id":"flat"}\n{"id":null}';
    for (const step of [1, 5, 1 << 18]) {
      const { header, records, rejects } = read(text, step);
      expect(header).toEqual(KEYS);
      expect(rejects).toEqual([]);
      expect(records.map(({ line, fields }) => [line, ...fields])).toEqual([
        [1, 'e1', '10.1', '7'],
        [3, 'true', '1.00', 'flat'],
        [4, '', '', ''],
      ]);
      expect(text.slice(records[1]!.start, records[1]!.end)).toBe('{"amount":"1.00","id":true,"customer.id":"flat"}\n');
    }
  });

  it.each([
    ['broken JSON', '{"id": 1,}', { code: 'json_invalid', column: 10 }],
    ['half a line', '{"id": 1', { code: 'json_invalid', column: 9 }],
    ['no JSON at all', ' not json', { code: 'json_invalid', column: 2 }],
    ['a bad escape', '{"id": "\\x"}', { code: 'json_invalid', column: 10 }],
    ['half a number', '{"id": 1.}', { code: 'json_invalid', column: 9 }],
    ['two objects', '{"id": 1} {}', { code: 'json_invalid', column: 11 }],
    ['a key without quotes', '{id: 1}', { code: 'json_invalid', column: 2 }],
    ['a key that stands twice', '{"id":1,"amount":2,"id":3}', { code: 'json_key_repeated', column: 20, field: 'id' }],
    ['one that is spelled otherwise', '{"id":1,"\\u0069d":1}', { code: 'json_key_repeated', column: 9, field: 'id' }],
    ['one inside', '{"customer":{"id":1,"id":1}}', { code: 'json_key_repeated', column: 21, field: 'id' }],
    ['a list', '[1]', { code: 'json_not_an_object' }],
    ['an object for a value', '{"id":{"a":1}}', { code: 'json_not_a_value', field: 'id' }],
    ['an amount no double holds', '{"amount":12345678901234567.89}', { code: 'json_number_inexact', field: 'amount' }],
    [
      'an amount that was added up in floats',
      '{"amount":0.30000000000000004}',
      { code: 'json_number_inexact', field: 'amount' },
    ],
    ['a NUL', '{"id":"a\\u0000b"}', { code: 'nul_byte', field: 'id' }],
    ['half of a pair', '{"id":"\\ud83d"}', { code: 'invalid_encoding', field: 'id' }],
    ['a 5 MB value', `{"id":"${'x'.repeat(5_000_000)}"}`, { code: 'field_too_large', field: 'id' }],
    ['a line past all limits', `{"id":"${'x'.repeat(RECORD_LIMIT)}"}`, { code: 'record_too_large' }],
  ])('rejects %s and goes on', (_, bad, problem) => {
    const { records, rejects } = read(`{"id":"1"}\n${bad}\n{"id":"3"}\n`);
    expect(rejects).toHaveLength(1);
    expect(rejects[0]).toMatchObject({ line: 2, start: 11, end: 11 + Buffer.byteLength(bad) + 1, ...problem });
    expect(records.map(({ line }) => line)).toEqual([1, 3]);
  });

  it('takes the same key in objects of their own, and what only looks like one', () => {
    const { records, rejects } = read(
      '{"id":"\\"id\\":{","amount":"}","customer":{"id":7,"of":[{"id":1},{"id":2}]}}\n',
    );
    expect(rejects).toEqual([]);
    expect(records.map(({ fields }) => fields)).toEqual([['"id":{', '}', '7']]);
  });

  it('rejects bytes that are not UTF-8', () => {
    const { rejects } = read(Buffer.from([...Buffer.from('{"id":"'), 0xff, ...Buffer.from('"}\n')]));
    expect(rejects).toEqual([expect.objectContaining({ line: 1, code: 'invalid_encoding' })]);
  });

  it('refuses an empty file', () => {
    expect(() => read('')).toThrow('in.ndjson:1 the file is empty');
  });
});
