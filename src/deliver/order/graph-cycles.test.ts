import { describe, expect, it } from 'vitest';
import { graphOf } from './graph.ts';
import { by, circle, configMap, deployment, secret, uses, web, writtenInOrder } from '../testing/charges.ts';

describe('a circle', () => {
  it('gives way where it is weakest, and is told', () => {
    const graph = graphOf(by(web, ...circle));
    expect(graph.notes.map((note) => note.why)).toEqual([
      'ServiceAccount/shop/web does not wait for Secret/shop/token (secrets): they wait for each other in a circle',
    ]);
    expect(graph.why('/Secret/shop/token')).toBe('waits for ServiceAccount/shop/web (its account)');
  });

  it('of what is declared and what is inferred gives way in what is inferred', () => {
    // The App needs the add-on, and the add-on's pods use the App's Secret.
    const charges = [...by(web, secret('db')), ...by('Addon/x', deployment('x', uses('db')))];
    const graph = graphOf(charges, new Map([[web, ['Addon/x']]]));
    expect(graph.notes.map((note) => note.why)).toEqual([
      'Deployment/shop/x does not wait for Secret/shop/db (env DB): they wait for each other in a circle',
    ]);
    expect(graph.why('/Secret/shop/db')).toBe('waits for Addon/x (needs)');
  });

  it('of needs is no endless wait', () => {
    const charges = [...by(web, configMap('a')), ...by('App/shop/db', configMap('b'))];
    const needs = new Map([
      [web, ['App/shop/db']],
      ['App/shop/db', [web]],
    ]);
    expect(writtenInOrder(graphOf(charges, needs))).toHaveLength(2);
  });
});
