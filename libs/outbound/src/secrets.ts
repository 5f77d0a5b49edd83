import { InvalidInputError, Secret } from '@keyward/runtime';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A secret that the policy names. @throws InvalidInputError `config.secret_missing`, naming the variable */
export function secretFrom(env: Environment, name: string): Secret {
  const value = env[name];
  if (value === undefined || value === '') {
    throw new InvalidInputError('config.secret_missing', `The environment variable ${name}, which the policy names, is not set.`);
  }
  return new Secret(value);
}
