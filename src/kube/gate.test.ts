import { describe, expect, it } from 'vitest';
import { Gate } from './gate.ts';

/** Lets `count` callers through a server that answers in that many milliseconds. */
async function load(gate: Gate, count: number, milliseconds: (inside: number) => number): Promise<number> {
  let inside = 0;
  let most = 0;
  const one = async (): Promise<void> => {
    await gate.enter();
    inside += 1;
    most = Math.max(most, inside);
    await Promise.resolve();
    const took = milliseconds(inside);
    inside -= 1;
    gate.leave(took);
  };
  await Promise.all(Array.from({ length: count }, one));
  return most;
}

describe('the gate', () => {
  it('starts with 8, opens up to 32 while answers stay quick, and never lets in more', async () => {
    const gate = new Gate();
    expect(gate.limit).toBe(8);
    const most = await load(gate, 2000, () => 5);
    expect(gate.limit).toBe(32);
    expect(most).toBe(32);
    expect(gate.waiting).toBe(0);
  });

  it('halves when the server says that it is too much, and recovers', async () => {
    const gate = new Gate();
    await load(gate, 2000, () => 5);
    gate.slowDown();
    expect(gate.limit).toBe(16);
    gate.slowDown();
    expect(gate.limit).toBe(8);
    for (let again = 0; again < 20; again += 1) gate.slowDown();
    expect(gate.limit).toBe(2);
    await load(gate, 2000, () => 5);
    expect(gate.limit).toBe(32);
  });

  it('halves when answers take twice as long as usual', async () => {
    const gate = new Gate();
    await load(gate, 2000, () => 30);
    await load(gate, 40, () => 90);
    expect(gate.limit).toBeLessThan(32);
  });

  it('does not open for lack of use', async () => {
    const gate = new Gate();
    for (let index = 0; index < 200; index += 1) {
      await gate.enter();
      gate.leave(1);
    }
    expect(gate.limit).toBe(8);
  });

  it('lets nobody in once it is closed', async () => {
    const gate = new Gate();
    for (let index = 0; index < 8; index += 1) await gate.enter();
    const waiting = [gate.enter(), gate.enter()];
    gate.close(new Error('closed'));
    for (const each of waiting) await expect(each).rejects.toThrow('closed');
    await expect(gate.enter()).rejects.toThrow('closed');
  });
});
