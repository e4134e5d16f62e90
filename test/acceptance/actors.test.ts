import { afterAll, beforeAll, expect, it } from 'vitest';
import { operator, type Operator } from './operator.ts';

/** On the embedded server anybody may say who they are; what nobody may be is a second person by another spelling. */
let ana: Operator;
beforeAll(() => {
  ana = operator();
  ana.must(['init', '--title', 'Actors', '--currency', 'EUR']);
}, 120_000);
afterAll(async () => await ana.leave());

it('refuses an actor who differs from another by capitals alone', () => {
  ana.must(['--actor', 'ana', 'status']);
  const { code, stderr } = ana.type(['--actor', 'Ana', 'status']);
  expect(code).toBe(3);
  expect(stderr).toContain("error[actor_alike]: 'Ana' differs from the actor 'ana' by its capitals alone");
  expect(stderr).toContain('say --actor ana');
  ana.must(['--actor', 'ben', 'status']);
}, 60_000);
