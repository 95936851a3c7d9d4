/** What the API page says about the service. */
export const api = {
  title: 'Cahier – rapports',
  description: 'Chiffres d’une campagne, rapports et leurs fichiers. Figures of a campaign, reports and their files.',
};
