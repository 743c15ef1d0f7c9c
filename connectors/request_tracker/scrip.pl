# Tells handoff what people do to its tickets. Install once:
#   rt-setup-database --action insert --datafile scrip.pl
# and set in RT_SiteConfig.pm, the secret without whsec_:
#   Set($HandoffURL, 'https://handoff.acme.example/v1/callbacks/request_tracker/ENDPOINT');
#   Set($HandoffSecret, 'BASE64');
#   Set($HandoffUser, 'handoff');      # what this user of ours does is not told back
@Scrips = ({
    Description    => 'Tell handoff',
    ScripCondition => 'On Transaction',
    ScripAction    => 'User Defined',
    Template       => 'Blank',
    CustomPrepareCode => 'return 1;',
    CustomCommitCode  => <<'CODE',
require Digest::SHA; require JSON; require LWP::UserAgent; require MIME::Base64;
my ($txn, $ticket) = ($self->TransactionObj, $self->TicketObj);
my $user = $txn->CreatorObj;
return 1 if $user->Name eq RT->Config->Get('HandoffUser');
my ($id) = map { ($_->Target || '') =~ /^handoff:([A-Za-z0-9_-]+)$/ ? $1 : () }
    @{ $ticket->RefersTo->ItemsArrayRef };
return 1 unless $id;
my $talk = $txn->Type eq 'Comment' || $txn->Type eq 'Correspond';
my $body = JSON->new->utf8->canonical->encode({
    id => $txn->id . '', type => $txn->Type . '', field => $txn->Field,
    escalation_id => $id, status => $ticket->Status . '', owner => $ticket->OwnerObj->Name . '',
    user => $user->Name . '', staff => $user->Privileged ? JSON::true() : JSON::false(),
    text => $talk ? substr($txn->Content(Type => 'text/plain') // '', 0, 8000) : '',
});
my $key = MIME::Base64::decode_base64(RT->Config->Get('HandoffSecret'));
my $agent = LWP::UserAgent->new(timeout => 10, max_redirect => 0);
for my $try (0 .. 2) {
    sleep $try;
    my ($name, $at) = ('rt-' . $txn->id, time);
    my $mac = Digest::SHA::hmac_sha256("$name.$at.$body", $key);
    my $answer = $agent->post(
        RT->Config->Get('HandoffURL'), Content => $body, 'Content-Type' => 'application/json',
        'webhook-id' => $name, 'webhook-timestamp' => $at,
        'webhook-signature' => 'v1,' . MIME::Base64::encode_base64($mac, ''),
    );
    return 1 if $answer->code < 500;
    RT->Logger->warning('handoff answered ' . $answer->code);
}
return 1;
CODE
});
1;
