"""The part of the command line that talks to Kafka; no other module of it imports a client."""
