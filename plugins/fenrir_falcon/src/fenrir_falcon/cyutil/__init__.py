"""The names of Falcon's compiled helpers; here they are those of `util`, without compilation."""
