export { LdapConfig } from './ldap-config.js';
export { readDirectory, type DirectorySecrets } from './read-directory.js';
