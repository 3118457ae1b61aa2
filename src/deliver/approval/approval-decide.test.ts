import { describe, expect, it } from 'vitest';
import {
  approvalFrom,
  approvalId,
  approvalInCommit,
  approvalProblems,
  statementText,
  type ApprovalInput,
  type ApprovalStatement,
  type Verified,
} from '../index.ts';

const at = '2026-11-20T12:00:00.000Z';
const planHash = `sha256:${'1'.repeat(64)}`;
const otherHash = `sha256:${'2'.repeat(64)}`;

/** Keys that ssh-keygen made, with the fingerprints that it prints. */
const people = {
  ann: {
    key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKEiEx1lYPc6oNMXOkv6d67qznl0salBKmERlg4oHHRw ann@example.com',
    fingerprint: 'SHA256:7ndJM74tq/GCQyVI288vR1emPFYcx+29r9NE1Q9I+pc',
  },
  bob: {
    key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMKHtYtQJk8vhPteLRGhdcp2O4Z/5cwUb7EBUVVNsdSm bob@example.com',
    fingerprint: 'SHA256:7Mb8WHy5JNjctPilSQA2XiOvVq0XS7DC8D6emRPcCiQ',
  },
  eve: {
    key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFjoW0J+eAGnLknG3fNpwKb3a25olRRk0Z6OKd9ClNCc eve@example.com',
    fingerprint: 'SHA256:hwgzVWvjYVvhELJtfySVDPkA1QIsnnZiJez8NSjRKA8',
  },
} as const;

type Person = keyof typeof people;

let nonces = 0;

function approvalBy(person: Person | undefined, changes: Partial<ApprovalStatement> = {}): Verified {
  nonces += 1;
  const statement = {
    plan: planHash,
    fleet: 'acme',
    waves: ['canary', 'rest'],
    signedAt: '2026-11-20T10:00:00.000Z',
    expires: '2026-11-21T10:00:00.000Z',
    nonce: `nonce-number-${String(nonces).padStart(8, '0')}`,
    ...changes,
  };
  const signer = person && {
    file: `keys/${person}.pub`,
    fingerprint: people[person].fingerprint,
    comment: `${person}@example.com`,
  };
  return { approval: { statement, signature: 'armored' }, id: approvalId(statement), signer };
}

const judge = (approvals: readonly Verified[], changes: Partial<ApprovalInput> = {}) =>
  approvalProblems({
    planHash,
    fleet: 'acme',
    wave: 'rest',
    at,
    approvers: { keys: [people.ann.key, people.bob.key], atLeast: 1 },
    approvals,
    authors: [{ name: 'Dan', email: 'dan@example.com' }],
    spent: new Set(),
    ...changes,
  });

/** The only reason, besides what is missing then. */
const refusal = (approval: Verified, changes: Partial<ApprovalInput> = {}) => {
  const { isApproved, why } = judge([approval], changes);
  expect(isApproved).toBe(false);
  expect(why).toHaveLength(2);
  return why[0];
};

describe('a wave', () => {
  it('is approved by as many approvers as it needs', () => {
    expect(judge([approvalBy('ann')])).toMatchObject({ isApproved: true, why: [] });
    expect([...judge([approvalBy('ann')]).counted.values()]).toEqual([
      approvalBy('ann').approval.statement.expires,
    ]);
    const two = { approvers: { keys: [people.ann.key, people.bob.key], atLeast: 2 } };
    expect(judge([approvalBy('ann')], two)).toMatchObject({
      isApproved: false,
      why: [
        'wave rest needs 1 more approval, of bob@example.com: `toryo plan --out plan.json`, `toryo approve plan.json`',
      ],
    });
    expect(judge([approvalBy('ann'), approvalBy('bob')], two).isApproved).toBe(true);
  });

  it('is not approved by nobody, whatever the fleet says', () => {
    const why = [
      'wave rest needs 1 more approval, of ann@example.com, bob@example.com: `toryo plan --out plan.json`, `toryo approve plan.json`',
    ];
    expect(judge([])).toMatchObject({ isApproved: false, why });
    expect(judge([], { approvers: { keys: [people.ann.key], atLeast: 0 } }).isApproved).toBe(false);
    expect(judge([], { approvers: { keys: [people.ann.key], atLeast: Number.NaN } }).isApproved).toBe(false);
    expect(judge([], { approvers: { keys: [], atLeast: 1 } }).why).toEqual([
      'wave rest needs 1 more approval, and no approver is left who is no author of the change',
    ]);
  });

  it('says that it can have too few approvals', () => {
    const keys = [people.ann.key, 'ssh-dss AAAAB3NzaC1kc3M='];
    expect(judge([], { approvers: { keys, atLeast: 2 } }).why).toEqual([
      expect.stringMatching(/^key 2 of the approvers cannot be used: it is of type ssh-dss/),
      'wave rest needs 2 more approvals, and only ann@example.com is left who is no author of the change',
    ]);
  });
});

describe('an approval does not count', () => {
  it('by a key that the same change adds to the approvers', () => {
    expect(refusal(approvalBy('eve'))).toBe(
      'the approval by keys/eve.pub does not count: its key is not among the approvers of the fleet that was applied last',
    );
  });

  it('with a signature that is nobody’s', () => {
    expect(refusal(approvalBy(undefined))).toContain('no key of the approvers made its signature');
  });

  it('of another plan, another fleet or another wave', () => {
    expect(refusal(approvalBy('ann', { plan: otherHash }))).toContain('it is for another plan');
    expect(refusal(approvalBy('ann', { fleet: 'other' }))).toContain('it is for fleet other, not acme');
    expect(refusal(approvalBy('ann', { waves: ['canary'] }))).toContain('it is for wave canary, not rest');
    expect(refusal(approvalBy('ann', { plan: planHash.slice(0, 40) }))).toContain('another plan');
  });

  it('out of its time', () => {
    expect(refusal(approvalBy('ann', { expires: '2026-11-20T12:00:00Z' }))).toContain('it expired at');
    expect(refusal(approvalBy('ann', { expires: '2026-11-27T10:00:00.001Z' }))).toContain('more than 7 days');
    expect(judge([approvalBy('ann', { expires: '2026-11-27T10:00:00Z' })]).isApproved).toBe(true);
    expect(refusal(approvalBy('ann', { signedAt: '2026-11-20T12:06:00Z' }))).toContain('still to come');
    expect(judge([approvalBy('ann', { signedAt: '2026-11-20T12:04:00Z' })]).isApproved).toBe(true);
    // One that was too long when it was signed does not become good by waiting.
    const long = { signedAt: '2026-10-21T12:00:00Z', expires: '2026-11-21T12:00:00Z' };
    expect(refusal(approvalBy('ann', long))).toContain('more than 7 days');
    expect(refusal(approvalBy('ann', { expires: 'never' }))).toContain('more than 7 days');
  });

  it('by an author, by e-mail in any case or by key', () => {
    const authors = [{ name: 'Ann', email: 'Ann@Example.com' }];
    expect(refusal(approvalBy('ann'), { authors })).toContain('ann@example.com is an author of the change');
    const signer = people.ann.fingerprint;
    expect(
      refusal(approvalBy('ann'), { authors: [{ name: 'X', email: 'x@example.com', signer }] }),
    ).toContain('is an author');
    const keys = [`${people.ann.key} (laptop)`];
    expect(judge([approvalBy('ann')], { authors, approvers: { keys, atLeast: 1 } }).why.at(-1)).toContain(
      'no approver is left',
    );
    expect(judge([approvalBy('ann')], { authors: [{ name: '', email: '' }] }).isApproved).toBe(true);
  });

  it('twice by one key, however often it is named', () => {
    const approvers = { keys: [people.ann.key, people.ann.key, people.bob.key], atLeast: 2 };
    expect(judge([approvalBy('ann'), approvalBy('ann')], { approvers })).toMatchObject({
      isApproved: false,
      why: [
        'the approval by keys/ann.pub does not count: the same key approves already: each counts once',
        'wave rest needs 1 more approval, of bob@example.com: `toryo plan --out plan.json`, `toryo approve plan.json`',
      ],
    });
  });

  it('again, when a delivery used it up, however its signature is written', () => {
    const used = approvalBy('ann');
    const spent = new Set([used.id]);
    expect(refusal(used, { spent })).toContain('used up by an earlier delivery');
    const again = { ...used.approval, signature: 'armored otherwise' };
    expect(refusal({ ...used, approval: again, id: approvalId(again.statement) }, { spent })).toContain(
      'used up',
    );
  });
});

describe('the statement', () => {
  const { approval } = approvalBy('ann', { nonce: 'nonce-of-the-text' });

  it('is a text that people can read', () => {
    expect(statementText(approval.statement)).toBe(
      [
        'Toryo plan approval',
        `plan: ${planHash}`,
        'fleet: acme',
        'waves: canary rest',
        'signed at: 2026-11-20T10:00:00.000Z',
        'expires: 2026-11-21T10:00:00.000Z',
        'nonce: nonce-of-the-text',
        '',
      ].join('\n'),
    );
  });

  it('has a text of its own', () => {
    const texts = [['a b'], ['a', 'b'], ['a\nexpires: 2099-01-01T00:00:00Z'], ['"a"'], []].map((waves) =>
      statementText({ ...approval.statement, waves }),
    );
    expect(new Set(texts).size).toBe(texts.length);
    expect(new Set(texts.map((text) => text.split('\n').length))).toEqual(new Set([8]));
  });

  it('is read back whole, or not at all', () => {
    expect(approvalFrom(JSON.parse(JSON.stringify(approval)))).toEqual(approval);
    const { statement } = approval;
    const bads: readonly object[] = [
      { plan: 'x' },
      { fleet: 'A b' },
      { waves: [] },
      { waves: ['rest', 1] },
      { waves: 'rest' },
      { expires: 'never' },
      { expires: '2026-13-01T00:00:00Z' },
      { signedAt: undefined },
      { nonce: '1' },
    ];
    for (const bad of bads)
      expect(approvalFrom({ ...approval, statement: { ...statement, ...bad } })).toBeUndefined();
    expect(approvalFrom({ statement })).toBeUndefined();
    expect(approvalFrom('approval')).toBeUndefined();
  });

  it('of a commit holds for every wave and seven days', () => {
    const commit = {
      plan: planHash,
      commit: '1'.repeat(40),
      at: '2026-11-14T12:00:00.000Z',
      signer: { file: 'keys/ann.pub', fingerprint: people.ann.fingerprint, comment: '' },
    };
    const verified = approvalInCommit(commit, 'acme', ['canary', 'rest']);
    expect(judge([verified]).isApproved).toBe(true);
    expect(refusal(verified, { at: '2026-11-21T12:00:00.000Z' })).toContain('expired');
  });
});
