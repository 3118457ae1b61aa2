import { describe, expect, it } from 'vitest';
import { challengesIn } from './challenge.ts';

describe('challengesIn', () => {
  it('reads a token server with a scope that has commas', () => {
    const header =
      'Bearer realm="https://auth.example.com/token",service="registry.example.com",scope="repository:shop/web:pull,push"';
    expect(challengesIn(header)).toEqual([
      {
        scheme: 'bearer',
        parameters: {
          realm: 'https://auth.example.com/token',
          service: 'registry.example.com',
          scope: 'repository:shop/web:pull,push',
        },
      },
    ]);
  });

  it('reads several in one header, and several headers', () => {
    const basic = { scheme: 'basic', parameters: { realm: 'a "quoted" one', charset: 'UTF-8' } };
    const bearer = {
      scheme: 'bearer',
      parameters: { realm: 'https://a.example.com', error: 'invalid_token' },
    };
    const first = 'Basic realm="a \\"quoted\\" one", charset=UTF-8';
    const second = 'BEARER Realm="https://a.example.com" , error = invalid_token';
    expect(challengesIn(`${first}, ${second}`)).toEqual([basic, bearer]);
    expect(challengesIn([first, second])).toEqual([basic, bearer]);
  });

  it('reads a scheme without parameters', () => {
    expect(challengesIn('Negotiate, Basic realm=x')).toEqual([
      { scheme: 'negotiate', parameters: {} },
      { scheme: 'basic', parameters: { realm: 'x' } },
    ]);
    expect(challengesIn('Negotiate')).toEqual([{ scheme: 'negotiate', parameters: {} }]);
  });

  it('makes nothing of nothing', () => {
    for (const header of [undefined, '', [], ' , ', '="x"']) expect(challengesIn(header)).toEqual([]);
  });
});
