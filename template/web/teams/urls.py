"""The addresses of teams and invitations."""

from django.urls import include, path

from web.audit.views import audit_log
from web.teams.views import api_keys, invitations, invited, members, teams

of_team = [
    path("", teams.team_page, name="team"),
    path("rename/", teams.rename, name="rename_team"),
    path("transfer/", teams.transfer, name="transfer_team"),
    path("delete/", teams.delete, name="delete_team"),
    path("leave/", members.leave, name="leave_team"),
    path("members/<int:user_id>/role/", members.change_role, name="change_role"),
    path("members/<int:user_id>/remove/", members.remove, name="remove_member"),
    path("invitations/", invitations.invite, name="invite"),
    path("invitations/<int:invitation_id>/resend/", invitations.resend, name="resend_invitation"),
    path("invitations/<int:invitation_id>/revoke/", invitations.revoke, name="revoke_invitation"),
    path("api-keys/", api_keys.api_keys, name="team_api_keys"),
    path("api-keys/<int:api_key_id>/revoke/", api_keys.revoke_api_key, name="revoke_api_key"),
    path("audit-log/", audit_log, name="team_audit_log"),
]
urlpatterns = [
    path("teams/", teams.team_list, name="teams"),
    path("teams/switch/", teams.switch_team, name="switch_team"),
    path("teams/<int:team_id>/", include(of_team)),
    path("invitations/accept", invited.accept_invitation, name="accept_invitation"),
    path("invitations/<int:invitation_id>/accept/", invited.accept_mine, name="accept_mine"),
    path("invitations/<int:invitation_id>/decline/", invited.decline_mine, name="decline_mine"),
]
