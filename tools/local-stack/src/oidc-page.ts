import type { StaffAccount } from './oidc-accounts.js';

/**
 * The local sign-in page: choose who to be.
 * @param action where the form goes; without it, the page only explains.
 */
export function signInPage(accounts: readonly StaffAccount[], action?: string): string {
  const buttons = accounts.map(({ role, name }) => `<li><button name="account" value="${role}"><b>${role}</b> ${name}</button></li>`).join('\n');
  const explanation = accounts.map(({ role, name }) => `<li><b>${role}</b> ${name}</li>`).join('\n');
  return `<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Connexion locale</title>
<style>
body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem; color: #161616; background: #fff }
ul { list-style: none; padding: 0 } button { font: inherit; width: 100%; text-align: left; padding: .6rem .8rem; margin: .2rem 0; background: #fff; border: 1px solid #666; cursor: pointer }
button:hover, button:focus { background: #e3e3fd } input { font: inherit; width: 100%; padding: .4rem } .note { border-left: 4px solid #b34000; padding-left: .8rem }
</style></head><body>
<h1>Connexion locale</h1>
<p class="note">Ce serveur remplace, sur cette machine seulement, le fournisseur d’identité du ministère\u00a0: il ne demande aucun mot de passe.<br>
<span lang="en">A stand-in for the ministry’s identity provider, on this machine only: it asks for no password.</span></p>
${
  action === undefined
    ? `<p>Un jeton s’obtient par <code>npm run token -- moderator</code>. <span lang="en">That command gets a token.</span></p><ul>${explanation}</ul>`
    : `<form method="post" action="${action.replaceAll(/[^\w/-]/g, '')}">
<p><label>Instances de pilotage (pour <b>steering-member</b>, séparées par des virgules) · <span lang="en">Steering bodies, separated by commas</span><br><input name="bodies" autocomplete="off"></label></p>
<ul>${buttons}</ul></form>`
}
</body></html>
`;
}
