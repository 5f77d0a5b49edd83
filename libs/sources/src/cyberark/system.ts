/** `Account.system` of every account that CyberArk keeps. */
export const SYSTEM = 'cyberark';
